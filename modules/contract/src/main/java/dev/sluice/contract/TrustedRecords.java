package dev.sluice.contract;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.jspecify.annotations.NullMarked;

/**
 * Avro's permission for the classes of this package. From 1.12.2 on, Avro instantiates only classes
 * that the program trusts; the serde and the publisher ask for these when they are loaded. A
 * program that builds records before it touches either calls {@link #install()} first.
 */
@NullMarked
public final class TrustedRecords {
    private static boolean installed;

    private TrustedRecords() {}

    /** Adds this package to what Avro trusts already. Harmless when repeated. */
    public static synchronized void install() {
        if (installed) {
            return;
        }
        ClassSecurityPredicate trustedBefore = ClassSecurityValidator.getGlobal();
        ClassSecurityPredicate contract =
                type -> type.getPackageName().equals(TrustedRecords.class.getPackageName());
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(trustedBefore, contract));
        installed = true;
    }
}
