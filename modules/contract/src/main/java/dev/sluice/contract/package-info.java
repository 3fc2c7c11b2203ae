/** What crosses the wire: the generated Avro records, topic names and header names. */
@NullMarked
package dev.sluice.contract;

import org.jspecify.annotations.NullMarked;
