package dev.sluice.contract.serde;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.jspecify.annotations.NullMarked;

/**
 * Allows Avro to instantiate the generated records of {@code dev.sluice.contract}. From version
 * 1.12.2 on, Avro instantiates only classes that the program trusts. The serde and the publisher
 * call {@link #install()} when they are loaded; a program that builds records before it uses either
 * calls it first.
 */
@NullMarked
public final class TrustedRecords {
    private static final String RECORDS = "dev.sluice.contract";

    private static boolean installed;

    private TrustedRecords() {}

    /**
     * Adds the generated records to the classes that Avro trusts. Calling it again has no effect.
     */
    public static synchronized void install() {
        if (installed) {
            return;
        }
        ClassSecurityPredicate trustedBefore = ClassSecurityValidator.getGlobal();
        ClassSecurityPredicate contract = type -> type.getPackageName().equals(RECORDS);
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(trustedBefore, contract));
        installed = true;
    }
}
