/** The running service: its parts, its models, its warm-up. */
@NullMarked
package dev.sluice.app.service;

import org.jspecify.annotations.NullMarked;
