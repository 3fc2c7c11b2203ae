package dev.sluice.contract.serde;

import java.util.HashSet;
import java.util.Set;
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

    private static final Set<String> PACKAGES = new HashSet<>();

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

    /** Adds the package of a class that the program names to those that Avro trusts. */
    public static synchronized void trustPackageOf(Class<?> type) {
        install();
        String trusted = type.getPackageName();
        if (!PACKAGES.add(trusted)) {
            return;
        }
        ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
        ClassSecurityPredicate named = other -> other.getPackageName().equals(trusted);
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(before, named));
    }
}
