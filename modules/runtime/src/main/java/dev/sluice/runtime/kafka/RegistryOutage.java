package dev.sluice.runtime.kafka;

import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Waiting for a registry that gives no answer, or not the right one: what was written with it will
 * be found in it again, and whoever took our key away will give it back.
 */
public final class RegistryOutage {
    private RegistryOutage() {}

    /** What to do before the registry is asked again. */
    @FunctionalInterface
    public interface Wait {
        void before(RuntimeException reason) throws InterruptedException;
    }

    /** Whether a failure says nothing of what was to be read or written, only of the registry. */
    public static boolean is(RuntimeException failure) {
        return failure instanceof RegistryUnavailableException
                || failure instanceof SchemaNotFoundException
                || failure instanceof AuthenticationException
                || failure instanceof AuthorizationException;
    }

    /**
     * Repeats a step that needs the registry until it succeeds.
     *
     * @throws InterruptedException if the thread is interrupted, or the wait says so
     */
    public static <T> T waitOut(Supplier<T> step, Wait wait) throws InterruptedException {
        while (true) {
            try {
                return step.get();
            } catch (InterruptException e) {
                // Kafka's unchecked form of a cancellation.
                boolean _ = Thread.interrupted();
                throw new InterruptedException("cancelled while the registry was asked");
            } catch (RuntimeException e) {
                if (!is(e)) {
                    throw e;
                }
                wait.before(e);
            }
        }
    }
}
