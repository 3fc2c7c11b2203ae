package dev.sluice.app.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a key of the configuration means, in Markdown as docs/CONFIGURATION.md has it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Key {
    /** The meaning, with its unit. */
    String value();

    /** What holds without a value, for a key without a default; empty for nothing. */
    String without() default "";
}
