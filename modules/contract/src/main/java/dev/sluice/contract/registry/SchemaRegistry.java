package dev.sluice.contract.registry;

import java.util.Optional;
import org.apache.avro.Schema;

/**
 * A schema registry: schemas by id and by subject. Implementations are safe for use by many threads
 * and may cache, because an id never changes its meaning.
 *
 * <p>Every method throws {@link RegistryUnavailableException} while the registry cannot be reached,
 * {@link SchemaNotFoundException} if it does not know the schema or subject, and Kafka's {@code
 * AuthenticationException} or {@code AuthorizationException} if it rejects the caller.
 */
public interface SchemaRegistry extends AutoCloseable {
    /** A schema as registered under a subject. */
    record Registered(int id, Schema schema) {}

    /** Registers the schema under the subject if it is new, and returns its id either way. */
    int register(String subject, Schema schema, boolean normalize);

    /** The id of a schema that is already registered under the subject. */
    int lookUp(String subject, Schema schema, boolean normalize);

    /** The newest schema of the subject, never from a cache. */
    Registered latest(String subject);

    /** The schema of an id. */
    Schema byId(int id, String subject);

    /** The compatibility level of the subject; empty if none was set for this subject. */
    Optional<String> compatibility(String subject);

    /**
     * Sets the compatibility level of the subject.
     *
     * @param level for example {@code FORWARD_TRANSITIVE}
     */
    void setCompatibility(String subject, String level);

    @Override
    void close();
}
