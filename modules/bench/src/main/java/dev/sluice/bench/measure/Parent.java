package dev.sluice.bench.measure;

import java.io.IOException;
import java.io.InputStream;

/** The process that has started this one. */
public final class Parent {
    private Parent() {}

    /** Ends this process when its parent has ended, also if that was killed. */
    public static void endWithIt() {
        var _ = Thread.ofPlatform().daemon().name("parent").start(Parent::await);
    }

    private static void await() {
        try (InputStream in = System.in) {
            while (in.read() >= 0) {
                // Nothing is said to this process.
            }
        } catch (IOException e) {
            // As if it had ended.
        }
        Runtime.getRuntime().halt(0);
    }
}
