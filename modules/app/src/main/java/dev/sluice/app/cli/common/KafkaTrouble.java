package dev.sluice.app.cli.common;

import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
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
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Translates errors of Kafka's clients into plain words with the fix. */
public final class KafkaTrouble {
    /** Kafka's message for an invalid value, which may be a password. */
    private static final Pattern INVALID =
            Pattern.compile("(?s)Invalid value .* for configuration ([A-Za-z0-9._]+)(: .*)?");

    private KafkaTrouble() {}

    /** A request to the brokers. */
    public interface Question {
        void ask() throws InterruptedException;
    }

    /**
     * Sends a request to the brokers.
     *
     * @throws EnvironmentException if they do not answer, with their address and its key
     */
    public static void ask(KafkaConnection kafka, Question question) throws InterruptedException {
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

    /** A failure in plain words, if it is one that a user can fix. */
    public static Optional<String> words(Throwable failure) {
        for (Throwable one = failure; one != null; one = one.getCause()) {
            Optional<String> words = ofOne(one);
            if (words.isPresent()) {
                return words;
            }
        }
        return Optional.empty();
    }

    /** Whether the failure itself is a wrong setting, and not only a consequence of one. */
    public static boolean isMistake(Throwable failure) {
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
                            "no answer from the schema registry; check"
                                    + " schema-registry.schema.registry.url: "
                                    + e.getMessage());
            case SchemaNotFoundException e when !e.isSure() ->
                    Optional.of(
                            "there may be no schema registry at this path; check"
                                    + " schema-registry.schema.registry.url. If it is right, run"
                                    + " sluice topics create first: "
                                    + e.getMessage());
            case KafkaException e when isMissingSubject(e) ->
                    Optional.of(
                            "the schema registry does not know this schema; run sluice topics"
                                    + " create first: "
                                    + e.getMessage());
            case KafkaException e when isFromRegistry(e) ->
                    Optional.of(
                            "the schema registry rejects the request; check schema-registry.*: "
                                    + e.getMessage());
            case SslAuthenticationException e ->
                    Optional.of(
                            "no TLS connection to the brokers; check kafka.ssl.*: the trust store"
                                    + " must have their authority, and they may want a client"
                                    + " certificate: "
                                    + root(e).getMessage());
            case AuthenticationException e ->
                    Optional.of(
                            "the brokers reject the login; check"
                                    + " kafka.security.protocol and kafka.sasl.*: "
                                    + e.getMessage());
            case AuthorizationException e ->
                    Optional.of(
                            "the brokers do not permit this; sluice acls prints the rights of each role: "
                                    + e.getMessage());
            case TimeoutException e ->
                    Optional.of(
                            "the brokers did not answer in time; check kafka.bootstrap.servers"
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
                            "the settings under kafka do not make a client; check"
                                    + " kafka.sasl.jaas.config and kafka.ssl.*");
            default -> Optional.empty();
        };
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static boolean isMissingSubject(KafkaException failure) {
        return isFromRegistry(failure)
                && String.valueOf(failure.getMessage()).contains(" with 404: ");
    }

    private static boolean isFromRegistry(KafkaException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith("the registry answered ")
                || message.startsWith("the registry's OAuth server ");
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
