package dev.sluice.contract.registry;

import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Schemas by id and by subject. Implementations are safe for use by many threads and may cache: an
 * id never changes its meaning.
 *
 * <p>Every method throws {@link RegistryUnavailableException} while the registry cannot be reached,
 * {@link SchemaNotFoundException} for what it does not know, and Kafka's {@code
 * AuthenticationException} or {@code AuthorizationException} where it refuses the caller.
 */
public interface SchemaRegistry extends AutoCloseable {
    /** A schema as registered under a subject. */
    record Registered(int id, Schema schema) {}

    /** Registers the schema under the subject if it is new, and returns its id either way. */
    int register(String subject, Schema schema, boolean normalize);

    /** The id of a schema that is registered under the subject already. */
    int lookUp(String subject, Schema schema, boolean normalize);

    /** The newest schema of the subject, never from a cache. */
    Registered latest(String subject);

    /** The schema of an id. */
    Schema byId(int id, String subject);

    /** What later schemas of the subject must be, if that was decided for this subject. */
    Optional<String> compatibility(String subject);

    /**
     * Decides what later schemas of the subject must be.
     *
     * @param level {@code FORWARD_TRANSITIVE} and the like
     */
    void setCompatibility(String subject, String level);

    @Override
    void close();
}
