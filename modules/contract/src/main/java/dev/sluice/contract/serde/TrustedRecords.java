package dev.sluice.contract.serde;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.jspecify.annotations.NullMarked;

/**
 * Allows Avro to instantiate the generated records of {@code dev.sluice.contract}. From 1.12.2 on, Avro instantiates only classes
 * that the program trusts; the serde and the publisher ask for these when they are loaded. A
 * program that builds records before it touches either calls {@link #install()} first.
 */
@NullMarked
public final class TrustedRecords {
    private static final String RECORDS = "dev.sluice.contract";

    private static boolean installed;

    private TrustedRecords() {}

    /** Adds them to what Avro trusts already. Calling it again has no effect. */
    public static synchronized void install() {
        if (installed) {
            return;
        }
        ClassSecurityPredicate trustedBefore = ClassSecurityValidator.getGlobal();
        ClassSecurityPredicate contract =
                type -> type.getPackageName().equals(RECORDS);
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(trustedBefore, contract));
        installed = true;
    }
}
