package dev.sluice.runtime.kafka;

import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Recognizes failures of the schema registry, and retries steps until it answers again. Retrying is
 * right even for an unknown schema or a rejected key: a schema that a record was written with will
 * be available again, and so will Sluice's access.
 */
public final class RegistryOutage {
    private RegistryOutage() {}

    /** Called before each retry. */
    @FunctionalInterface
    public interface Wait {
        void before(RuntimeException reason) throws InterruptedException;
    }

    /**
     * Whether a failure is caused by the registry alone, and not by the data that was read or
     * written.
     */
    public static boolean is(RuntimeException failure) {
        return failure instanceof RegistryUnavailableException
                || failure instanceof SchemaNotFoundException
                || failure instanceof AuthenticationException
                || failure instanceof AuthorizationException;
    }

    /**
     * Repeats a step until the registry answers.
     *
     * @throws InterruptedException if the thread is interrupted, or {@code wait} throws it
     */
    public static <T> T waitOut(Supplier<T> step, Wait wait) throws InterruptedException {
        while (true) {
            try {
                return step.get();
            } catch (InterruptException e) {
                // Kafka reports an interrupt with this unchecked exception.
                boolean _ = Thread.interrupted();
                throw new InterruptedException("interrupted during a request to the registry");
            } catch (RuntimeException e) {
                if (!is(e)) {
                    throw e;
                }
                wait.before(e);
            }
        }
    }
}
