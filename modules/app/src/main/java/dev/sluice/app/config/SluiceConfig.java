package dev.sluice.app.config;

import dev.sluice.runtime.kafka.Codec;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The configuration of the service, as {@code sluice.yaml} has it without the prefix. Every key can
 * be set by environment: {@code worker.max-in-flight} is {@code SLUICE_WORKER_MAX_IN_FLIGHT}.
 */
@ConfigMapping(prefix = "sluice")
public interface SluiceConfig {
    /** Settings of every Kafka client, passed on untouched; {@code bootstrap.servers} is needed. */
    Map<String, @WithConverter(LiteralConverter.class) String> kafka();

    /**
     * Settings of the Avro serde under Confluent's names; {@code schema.registry.url} is needed.
     */
    Map<String, @WithConverter(LiteralConverter.class) String> schemaRegistry();

    Topics topics();

    /**
     * By name; a model that an analysis uses and that is not here is called at its provider by that
     * name.
     */
    Map<String, Model> models();

    Quota quota();

    Budgets budgets();

    Rates rates();

    Analyses analyses();

    Prices prices();

    Admission admission();

    Worker worker();

    Http http();

    Log log();

    /** Names and sizes of topics. */
    interface Topics {
        /** Put before each name. */
        @WithDefault("sluice.")
        String prefix();

        /** Largest record on the requests topic, bytes; internal topics take four times as much. */
        @WithDefault("8388608")
        int maxRequestBytes();

        /** Partitions of topics that {@code topics create} creates. */
        @WithDefault("8")
        int partitions();

        /** Replicas of topics that {@code topics create} creates. */
        @WithDefault("3")
        short replicas();

        /** How the brokers keep topics that others read, of those that it creates. */
        @WithDefault("gzip")
        Codec compression();
    }

    /** A model and where it can be called. */
    interface Model {
        /** The preferred one first. */
        List<Deployment> deployments();
    }

    /** One place where a model can be called. */
    interface Deployment {
        /**
         * {@code openai}, for anything that speaks its chat completions too, {@code azure} or
         * {@code anthropic}. Absent: the one that the price table names for the model.
         */
        Optional<String> provider();

        /** The model's id in the price table. Absent: the model's name. */
        Optional<String> modelId();

        /** What the model is called there: Azure's name of the deployment. Absent: its id. */
        Optional<String> sentAs();

        /** Absent: the provider's own, or OPENAI_BASE_URL or ANTHROPIC_BASE_URL. */
        Optional<String> baseUrl();

        /** Absent: OPENAI_API_KEY, AZURE_OPENAI_KEY or ANTHROPIC_API_KEY. */
        Optional<String> apiKey();

        /**
         * {@code json-schema}, {@code json-object}, {@code tool} or {@code none}. Absent: what the
         * table of models says.
         */
        Optional<String> structuredOutput();

        /** The provider's limit for this deployment. Absent: what it says, and 500 before that. */
        OptionalLong requestsPerMinute();

        /** Its limit of tokens, of input and output together. Absent: what it says. */
        OptionalLong tokensPerMinute();

        /** Its limit of input tokens, where it has one of its own. Absent: what it says. */
        OptionalLong inputTokensPerMinute();

        /** Its limit of output tokens, where it has one of its own. Absent: what it says. */
        OptionalLong outputTokensPerMinute();

        /**
         * The service tier to ask for, or {@code none} to name none. Absent: the standard one at
         * OpenAI's and Anthropic's own addresses, none elsewhere.
         */
        Optional<String> serviceTier();

        /** Names the key in {@code calls.v1}; never the key itself. */
        Optional<String> keyAlias();

        /** A hard ceiling of calls a second for each worker, whatever its quota has learned. */
        OptionalDouble maxCallsPerSecond();

        /**
         * Whether the provider gives back tokens that a call was estimated at and did not use.
         * Absent: found out from what it says, where it says anything.
         */
        Optional<Boolean> settlesTokens();

        /** From sending a request to its whole answer. */
        @WithDefault("120s")
        Duration timeout();
    }

    /** The providers' limits. */
    interface Quota {
        /** How much of every limit is this installation's, above 0 and at most 1. */
        @WithDefault("1.0")
        double fraction();
    }

    /** What users may spend in a day. */
    interface Budgets {
        /** Of users that are not named below, USD. */
        @WithDefault("5")
        BigDecimal dailyUsd();

        /** Of those that are, by their ids, USD. */
        Map<String, BigDecimal> users();

        /** Of all users together, USD. Absent: no limit. */
        Optional<BigDecimal> allUsersDailyUsd();

        /** Of all users together on single analyses, by name, USD. */
        Map<String, BigDecimal> analyses();

        /** In which days begin: {@code UTC}, {@code Europe/Berlin}. */
        @WithDefault("UTC")
        ZoneId timeZone();
    }

    /** How many requests users may send. */
    interface Rates {
        /** In any hour, of users that are not named below. */
        @WithDefault("200")
        int requestsPerHour();

        /** Of those that are, by their ids. */
        Map<String, Integer> users();
    }

    /** Where analyses are. */
    interface Analyses {
        /** A folder of analyses beside the shipped ones; its definitions win. */
        Optional<Path> dir();

        /** Names of those that are loaded. Absent: all. */
        Optional<List<String>> enabled();
    }

    /** What models cost. */
    interface Prices {
        /** Own prices; a model that has one here has none of the shipped ones. */
        Optional<Path> file();
    }

    /** Admission. */
    interface Admission {
        @WithDefault("1")
        int threads();

        /** Copies of the state on other instances. */
        @WithDefault("1")
        int standbys();

        /** Time from one transaction to the next; what arrives meanwhile waits for its end. */
        @WithDefault("12ms")
        Duration commitInterval();

        /** How many requests of one user may wait, for money or for their turn. */
        @WithDefault("10000")
        int maxWaiting();

        /** Jobs of one user under way beyond which further ones go to the bulk lane. */
        @WithDefault("50")
        int maxInteractive();

        /** What results kept for identical requests may take, in each partition of the state. */
        @WithDefault("67108864")
        long maxSharedBytes();

        /** Where state is kept between restarts. */
        @WithDefault("data/admission")
        Path stateDir();
    }

    /** The worker. */
    interface Worker {
        /**
         * Whether each call is put on record before it is sent. Without, a call under way when its
         * worker is killed is missing from the books.
         */
        @WithDefault("true")
        boolean journal();

        /** Jobs of one model that are read and not yet published. */
        @WithDefault("1000")
        int maxInFlight();

        /** How much the records of those jobs hold together; in memory it is about three times. */
        @WithDefault("134217728")
        long maxInFlightBytes();

        /** Least time from the beginning of one transaction to the next. */
        @WithDefault("25ms")
        Duration commitInterval();

        /** Most outcomes in one transaction; with as many it waits no longer. */
        @WithDefault("500")
        int maxOutcomes();

        /** How long jobs may go on when their partition is taken away. */
        @WithDefault("5s")
        Duration releaseTimeout();

        /** How often finished jobs are deleted from the internal topics. */
        @WithDefault("60s")
        Duration cleanupInterval();

        /** Threads that prepare content and judge answers; all cores but one if absent. */
        Optional<Integer> computeThreads();

        /** CPU time that preparing a content, or judging an answer, may take. */
        @WithDefault("5s")
        Duration computeTimeout();

        /** How long jobs may go on when the worker stops. */
        @WithDefault("60s")
        Duration grace();

        /**
         * The worker's slot, the same after each restart: a StatefulSet's pod name, say. Absent: a
         * new one in each process, at the price of slower recovery after a crash.
         */
        Optional<String> slot();
    }

    /** Metrics and health. */
    interface Http {
        @WithDefault("127.0.0.1")
        String host();

        @WithDefault("8080")
        int port();
    }

    /** Logs. */
    interface Log {
        /** {@code plain}, {@code json}, or {@code auto}: plain on a terminal. */
        @WithDefault("auto")
        Format format();
    }

    /** How log lines look. */
    enum Format {
        AUTO,
        PLAIN,
        JSON
    }
}
