/** What users may spend and have spent, as the topics say it. */
@NullMarked
package dev.sluice.app.spend;

import org.jspecify.annotations.NullMarked;
