package dev.sluice.app.config;

import dev.sluice.analysis.model.Deployment;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Finds probable mistakes in a valid configuration. Messages name keys and models, never values.
 */
public final class ConfigWarnings {
    /**
     * Prefixes of settings that Kafka Streams passes to one of its clients only; longer prefixes
     * first.
     */
    private static final List<String> PREFIXES =
            List.of(
                    "restore.consumer.",
                    "global.consumer.",
                    "main.consumer.",
                    "consumer.",
                    "producer.",
                    "admin.");

    /** Prefix of settings for the topics that Kafka Streams creates; the brokers check those. */
    private static final String OF_TOPICS = "topic.";

    private static final Set<String> OF_CLIENTS = namesOfClients();

    private ConfigWarnings() {}

    /** One warning for each probable mistake. */
    public static List<String> of(ServicePlan plan, LocalDate day) {
        List<String> warnings = new ArrayList<>(kafka(plan.kafka().client().keySet()));
        new TreeMap<>(plan.models())
                .forEach((model, places) ->
                        places.stream()
                                .map(place -> unpriced(model, place, plan, day))
                                .flatMap(Optional::stream)
                                .distinct()
                                .forEach(warnings::add));
        return warnings;
    }

    private static Optional<String> unpriced(
            String model, Deployment place, ServicePlan plan, LocalDate day) {
        Set<String> without =
                Stream.of(place.priceId(), place.modelId())
                        .filter(id -> plan.knowledge().prices().find(id, day).isEmpty())
                        .collect(Collectors.toCollection(TreeSet::new));
        return without.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "model "
                                + model
                                + " has no price of "
                                + String.join(", ", without)
                                + ": its requests are denied with UNPRICED_MODEL until prices.file"
                                + " has one (sluice prices list shows the known prices)");
    }

    /**
     * Settings whose names are almost one of Kafka's. Names unlike any of Kafka's belong to
     * plugins: interceptors, reporters, login modules.
     */
    private static List<String> kafka(Collection<String> keys) {
        return keys.stream()
                .sorted()
                .filter(key -> !key.startsWith(OF_TOPICS) && !OF_CLIENTS.contains(bare(key)))
                .flatMap(key -> nearly(key).stream())
                .toList();
    }

    private static Optional<String> nearly(String key) {
        String bare = bare(key);
        String prefix = key.substring(0, key.length() - bare.length());
        return Suggestions.nearest(bare, OF_CLIENTS)
                .map(near ->
                        "kafka."
                                + key
                                + " is not a setting of Kafka's clients; did you mean kafka."
                                + prefix
                                + near
                                + "?");
    }

    private static String bare(String key) {
        return PREFIXES.stream()
                .filter(prefix -> key.startsWith(prefix) && !OF_CLIENTS.contains(key))
                .findFirst()
                .map(prefix -> key.substring(prefix.length()))
                .orElse(key);
    }

    private static Set<String> namesOfClients() {
        Set<String> names = new TreeSet<>(ProducerConfig.configNames());
        names.addAll(ConsumerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        names.addAll(StreamsConfig.configDef().names());
        return Set.copyOf(names);
    }
}
