package dev.sluice.app.cli;

import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What Kafka's errors mean for whoever set this up, with the fix. */
final class KafkaTrouble {
    /** How Kafka says that a value is wrong; the value may be a password. */
    private static final Pattern INVALID =
            Pattern.compile("(?s)Invalid value .* for configuration ([A-Za-z0-9._]+)(: .*)?");

    private KafkaTrouble() {}

    /** What is asked of the brokers. */
    interface Question {
        void ask() throws InterruptedException;
    }

    /**
     * Asks the brokers something.
     *
     * @throws EnvironmentException if they give no answer, with their address and its key
     */
    static void ask(KafkaConnection kafka, Question question) throws InterruptedException {
        try {
            question.ask();
        } catch (RuntimeException e) {
            for (Throwable one = e; one != null; one = one.getCause()) {
                if (one instanceof TimeoutException) {
                    throw EnvironmentException.noBrokers(kafka, one);
                }
            }
            throw e;
        }
    }

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

    /** Whether a setting is wrong, and not what it leads to. */
    static boolean isMistake(Throwable failure) {
        for (Throwable one = failure; one != null; one = one.getCause()) {
            if (one instanceof ConfigException) {
                return true;
            }
        }
        return false;
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
            case RegistryUnavailableException e ->
                    Optional.of(
                            "no answer from the schema registry; look at"
                                    + " schema-registry.schema.registry.url: "
                                    + e.getMessage());
            case KafkaException e when isRegistrys(e) ->
                    Optional.of(
                            "the schema registry refuses this; look at schema-registry.*: "
                                    + e.getMessage());
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
            case ConfigException e ->
                    Optional.of(
                            "a setting under kafka or schema-registry cannot be used: "
                                    + withoutValue(String.valueOf(e.getMessage())));
            case KafkaException e when e.getCause() == null ->
                    Optional.of("Kafka: " + e.getMessage());
            // Its message may show a part of sasl.jaas.config.
            case KafkaException e when e.getCause() instanceof IllegalArgumentException ->
                    Optional.of(
                            "no client can be made from the settings under kafka; look at"
                                    + " kafka.sasl.jaas.config and kafka.ssl.*");
            default -> Optional.empty();
        };
    }

    private static boolean isRegistrys(KafkaException failure) {
        return String.valueOf(failure.getMessage()).startsWith("the registry answered ");
    }

    private static String withoutValue(String message) {
        Matcher invalid = INVALID.matcher(message);
        if (!invalid.matches()) {
            return message;
        }
        String reason = invalid.group(2);
        return invalid.group(1) + (reason == null ? "" : reason);
    }
}
