package dev.sluice.app.config;

import dev.sluice.runtime.kafka.Codec;
import dev.sluice.runtime.outcome.DeadLetterContent;
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
    /** Settings of every Kafka client, unchanged; {@code bootstrap.servers} is required. */
    Map<String, @WithConverter(LiteralConverter.class) String> kafka();

    /**
     * Settings of the Avro serde under Confluent's names; {@code schema.registry.url} is required.
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

    DeadLetters deadLetters();

    Http http();

    Log log();

    Tracing tracing();

    /** Names and sizes of topics. */
    interface Topics {
        /** Put before the name of each topic and consumer group. */
        @WithDefault("sluice.")
        String prefix();

        /** Largest record on the requests topic, bytes; internal topics allow four times that. */
        @WithDefault("8388608")
        int maxRequestBytes();

        /** Partitions of topics that {@code topics create} creates. */
        @WithDefault("8")
        int partitions();

        /** Replicas of topics that {@code topics create} creates. */
        @WithDefault("3")
        short replicas();

        /** How brokers compress the public topics that {@code topics create} creates. */
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
         * {@code openai} for everything that speaks OpenAI's chat completions, {@code azure} or
         * {@code anthropic}. Absent: the one that the price table names for the model.
         */
        Optional<String> provider();

        /** The model's id in the price table. Absent: the model's name. */
        Optional<String> modelId();

        /** What the provider calls it: Azure's name of the deployment. Absent: its id. */
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

        /** The provider's limit for this deployment. Absent: what it states, 500 before that. */
        OptionalLong requestsPerMinute();

        /** Its limit of tokens, input and output together. Absent: what it states. */
        OptionalLong tokensPerMinute();

        /** Its limit of input tokens, if it has a separate one. Absent: what it states. */
        OptionalLong inputTokensPerMinute();

        /** Its limit of output tokens, if it has a separate one. Absent: what it states. */
        OptionalLong outputTokensPerMinute();

        /**
         * The service tier to ask for, or {@code none} to name none. Absent: the standard one at
         * OpenAI's and Anthropic's own addresses, none elsewhere.
         */
        Optional<String> serviceTier();

        /** Names the key in {@code calls.v1}; never the key itself. */
        Optional<String> keyAlias();

        /** A hard limit of calls a second for each worker, whatever its quota has learned. */
        OptionalDouble maxCallsPerSecond();

        /**
         * Whether the provider gives back tokens that it had estimated for a call and that the call
         * did not use. Absent: found out from what it states.
         */
        Optional<Boolean> refundsUnusedTokens();

        /** Time from sending a request to its whole answer. */
        @WithDefault("120s")
        Duration timeout();
    }

    /** The providers' limits. */
    interface Quota {
        /** The part of every limit that this installation may use, above 0 and at most 1. */
        @WithDefault("1.0")
        double fraction();
    }

    /** What users may spend in a day. */
    interface Budgets {
        /** Of users that are not named below, USD. */
        @WithDefault("5")
        BigDecimal dailyUsd();

        /** Of users that are named, by their ids, USD. */
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

        /** Of users that are named, by their ids. */
        Map<String, Integer> users();
    }

    /** Where analyses are. */
    interface Analyses {
        /** A folder of own analyses beside the shipped ones; its definitions win. */
        Optional<Path> dir();

        /** Names of those that are loaded. Absent: all. */
        Optional<List<String>> enabled();
    }

    /** What models cost. */
    interface Prices {
        /** Own prices; they replace all shipped prices of the models they name. */
        Optional<Path> file();
    }

    /** Admission. */
    interface Admission {
        @WithDefault("1")
        int threads();

        /** Standby copies of the state on other instances. */
        @WithDefault("1")
        int standbys();

        /** Time from one transaction to the next; what arrives meanwhile waits for its end. */
        @WithDefault("12ms")
        Duration commitInterval();

        /** Requests of one user that may wait; further ones are denied. */
        @WithDefault("10000")
        int maxWaiting();

        /** Jobs of one user in progress beyond which further ones are handled as bulk. */
        @WithDefault("50")
        int maxInteractive();

        /** Bytes that results kept for identical requests may take, in each state partition. */
        @WithDefault("67108864")
        long maxSharedBytes();

        /** Folder that keeps the state between restarts. */
        @WithDefault("data/admission")
        Path stateDir();
    }

    /** The worker. */
    interface Worker {
        /**
         * Whether each call is recorded before it is sent. Without, calls of a job that is killed
         * or cancelled before its outcome is committed are paid but missing from {@code calls.v1}.
         */
        @WithDefault("true")
        boolean journal();

        /** Jobs of one model that are in progress or not yet published. */
        @WithDefault("1000")
        int maxInFlight();

        /** Bytes of the records of those jobs; in memory they take about three times as much. */
        @WithDefault("134217728")
        long maxInFlightBytes();

        /** Least time from the beginning of one transaction to the next. */
        @WithDefault("25ms")
        Duration commitInterval();

        /** Most outcomes in one transaction; a transaction with that many starts at once. */
        @WithDefault("500")
        int maxOutcomes();

        /** How long calls in flight may continue when their partition is taken away. */
        @WithDefault("5s")
        Duration releaseTimeout();

        /** How often finished jobs are deleted from the internal topics. */
        @WithDefault("60s")
        Duration cleanupInterval();

        /** Threads that prepare content and validate answers. Absent: all cores but one. */
        Optional<Integer> computeThreads();

        /** CPU time that one content, or one answer, may take. */
        @WithDefault("5s")
        Duration computeTimeout();

        /** How long calls in flight may continue when the worker stops. */
        @WithDefault("60s")
        Duration grace();

        /**
         * The worker's slot, the same after each restart, such as a StatefulSet's pod name. Absent:
         * a new one in each process, with slower recovery after a crash.
         */
        Optional<String> slot();
    }

    /** What dead letters keep of the content that they are about. */
    interface DeadLetters {
        /** The model's answers: {@code keep}, {@code hash} or {@code drop}. */
        @WithDefault("keep")
        DeadLetterContent.RawAnswers rawAnswers();

        /** The request's record: {@code keep}, or {@code reference} to it. */
        @WithDefault("keep")
        DeadLetterContent.Original original();
    }

    /** Metrics and health. */
    interface Http {
        @WithDefault("127.0.0.1")
        String host();

        @WithDefault("8080")
        int port();

        /** The bearer token of requests for users' data. Absent: they need none on loopback. */
        Optional<String> token();

        Tls tls();
    }

    /** TLS of the HTTP endpoints. Absent: plain HTTP. */
    interface Tls {
        /** The certificate and its chain, a PEM file. */
        Optional<Path> certificate();

        /** The key, a PEM file in PKCS 8. */
        Optional<Path> key();
    }

    /** Logs. */
    interface Log {
        /** {@code plain}, {@code json}, or {@code auto}: plain on a terminal. */
        @WithDefault("auto")
        Format format();

        /** The share of requests whose calls and results are logged. */
        @WithDefault("1.0")
        double requests();
    }

    /** Traces. */
    interface Tracing {
        /** Whether OpenTelemetry's SDK exports spans, as the OTEL_* variables say. */
        @WithDefault("false")
        boolean enabled();
    }

    /** How log lines look. */
    enum Format {
        AUTO,
        PLAIN,
        JSON
    }
}
