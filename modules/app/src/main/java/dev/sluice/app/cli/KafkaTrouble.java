package dev.sluice.app.cli;

import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What Kafka's errors mean for whoever set this up, with the fix. */
final class KafkaTrouble {
    private KafkaTrouble() {}

    /** In words, if it is one that a user can mend. */
    static Optional<String> words(Throwable failure) {
        for (Throwable one = failure; one != null; one = one.getCause()) {
            Optional<String> words = ofOne(one);
            if (words.isPresent()) {
                return words;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ofOne(Throwable failure) {
        return switch (failure) {
            case InvalidReplicationFactorException e ->
                    Optional.of(
                            "there are fewer brokers than topics.replicas; set it to 1 for a"
                                    + " single broker: "
                                    + e.getMessage());
            case UnknownTopicOrPartitionException _ ->
                    Optional.of("a topic is missing: run sluice topics create first");
            case AuthenticationException e ->
                    Optional.of(
                            "the brokers do not accept who this is; look at"
                                    + " kafka.security.protocol and kafka.sasl.*: "
                                    + e.getMessage());
            case AuthorizationException e ->
                    Optional.of("the brokers do not allow this: " + e.getMessage());
            case TimeoutException e ->
                    Optional.of(
                            "the brokers did not answer in time; look at kafka.bootstrap.servers"
                                    + " and whether they can be reached from here: "
                                    + e.getMessage());
            // Its message shows a value, which may be a password.
            case ConfigException _ ->
                    Optional.of("a setting under kafka or schema-registry cannot be used");
            case KafkaException e when e.getCause() == null ->
                    Optional.of("Kafka: " + e.getMessage());
            default -> Optional.empty();
        };
    }
}
