package dev.sluice.app.config;

import dev.sluice.analysis.definition.Canary;
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
    @Key(
            """
            settings of every Kafka client, passed on unchanged; `kafka.bootstrap.servers`\
             is required. [Example with TLS](#a-broker-with-tls-and-a-password)\
            """)
    Map<String, @WithConverter(LiteralConverter.class) String> kafka();

    @Key(
            """
            settings of the [Avro serde](#the-avro-serde) under Confluent's names;\
             `schema-registry.schema.registry.url` is required. A setting that it does not\
             support is an error\
            """)
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
        @Key("put before the name of each topic and consumer group")
        @WithDefault("sluice.")
        String prefix();

        @Key(
                """
                largest record on the requests topic, bytes; internal topics and dead\
                 letters allow four times as much\
                """)
        @WithDefault("8388608")
        int maxRequestBytes();

        @Key(
                """
                partitions of the topics that `topics create` makes. Choose it at\
                 installation: it cannot be changed later, see\
                 [below](#partitions-cannot-be-changed)\
                """)
        @WithDefault("8")
        int partitions();

        @Key("replicas of the topics that `topics create` makes")
        @WithDefault("3")
        short replicas();

        @Key(
                """
                how brokers compress the public topics that `topics create` makes, except\
                 requests: these stay as the publisher wrote them. Every client reads gzip\
                 and none; kafkajs reads the others only with a plugin. Sluice itself sends\
                 records uncompressed, unless `kafka.compression.type` says otherwise\
                """)
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
        @Key(
                value =
                        """
                        `openai` for everything that speaks OpenAI's chat completions (vLLM, Ollama,\
                         …), `azure` or `anthropic`\
                        """,
                without = "the price table's")
        Optional<String> provider();

        @Key(
                value =
                        """
                        the model's id in the price table. It is also the name that is sent to the\
                         provider, unless `sent-as` is set, and it decides how tokens are counted.\
                         Admission and workers need the same `models`\
                        """,
                without = "the model's name")
        Optional<String> modelId();

        @Key(
                value =
                        """
                        what the model is called at the provider if not by its id: Azure's name of\
                         the deployment\
                        """,
                without = "the model id")
        Optional<String> sentAs();

        @Key(
                value =
                        """
                        as the provider's SDK takes it: with `/v1` for openai, without for\
                         anthropic, `https://NAME.openai.azure.com/openai/v1` for azure.\
                         `OPENAI_BASE_URL` and `ANTHROPIC_BASE_URL` change the default\
                        """,
                without = "the provider's")
        Optional<String> baseUrl();

        @Key(
                value =
                        """
                        the API key. If not set here: `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` or\
                         `AZURE_OPENAI_KEY`. Keys are read at the start: after a change, restart the\
                         workers. Admission needs no keys\
                        """,
                without = "from the environment or `.env`")
        Optional<String> apiKey();

        @Key(
                value =
                        """
                        how the provider is made to answer in JSON: `json-schema`, `json-object`,\
                         `tool` or `none`. Set it for servers that cannot do what the model can\
                        """,
                without = "the model's")
        Optional<String> structuredOutput();

        @Key(
                value =
                        """
                        the provider's limit, for all workers together; `500` until the provider has\
                         stated one\
                        """,
                without = "what the provider says")
        OptionalLong requestsPerMinute();

        @Key(
                value = "the provider's limit of tokens, input and output together",
                without = "what the provider says")
        OptionalLong tokensPerMinute();

        @Key(
                value = "the provider's limit of input tokens, if it has a separate one",
                without = "what the provider says")
        OptionalLong inputTokensPerMinute();

        @Key(
                value = "the provider's limit of output tokens, if it has a separate one",
                without = "what the provider says")
        OptionalLong outputTokensPerMinute();

        @Key(
                value =
                        """
                        the service tier (a priority that the provider sells at its own price) to\
                         ask for. `none`: calls name no tier, and the provider uses the one that your\
                         project there is set to. A tier other than the standard one is priced as\
                         `MODEL/TIER` (`gpt-5/priority`), a row of `prices.file`\
                        """,
                without =
                        "`default` at api.openai.com, `standard_only` at api.anthropic.com, `none` elsewhere")
        Optional<String> serviceTier();

        @Key("names the API key in `calls.v1`; never the key itself")
        Optional<String> keyAlias();

        @Key(
                """
                a limit of calls for each worker, besides the provider's limits: protection\
                 if something sends far too many calls\
                """)
        OptionalDouble maxCallsPerSecond();

        @Key(
                value =
                        """
                        whether the provider refunds tokens that it had estimated for a call and\
                         that the call did not use. `true`: it does. `false`: it does not. Not set:\
                         Sluice finds out from the provider's headers\
                        """,
                without = "true for anthropic, else found out")
        Optional<Boolean> refundsUnusedTokens();

        @Key("time from sending a call to its whole answer")
        @WithDefault("120s")
        Duration timeout();
    }

    /** The providers' limits. */
    interface Quota {
        @Key(
                """
                the part of every provider limit that this installation may use, if several\
                 share a key\
                """)
        @WithDefault("1.0")
        double fraction();
    }

    /** What users may spend in a day. */
    interface Budgets {
        @Key("what a user may spend in a day, USD")
        @WithDefault("5")
        BigDecimal dailyUsd();

        @Key("the same for one user, by id")
        Map<String, BigDecimal> users();

        @Key(
                """
                the daily limit of all users together, USD; exceeded by at most one call of\
                 each other partition of admission\
                """)
        Optional<BigDecimal> allUsersDailyUsd();

        @Key(
                """
                the same for one analysis, by name: what all users together may spend on it\
                 in a day, USD\
                """)
        Map<String, BigDecimal> analyses();

        @Key("where days begin, such as `Europe/Berlin`")
        @WithDefault("UTC")
        ZoneId timeZone();
    }

    /** How many requests users may send. */
    interface Rates {
        @Key(
                """
                requests of one user that pass in any hour. Requests answered without a\
                 call, or denied for lack of money, count too; a\
                 [redrive](USERS.md#redrive-dead-letters) does not count if the dead-lettered\
                 request was counted in the last 24 hours. BULK and `whenOverBudget: WAIT`\
                 wait for their turn, others are denied\
                """)
        @WithDefault("200")
        int requestsPerHour();

        @Key("the same for one user, by id")
        Map<String, Integer> users();
    }

    /** Where analyses are. */
    interface Analyses {
        @Key(
                """
                a folder of your own analyses, beside the included ones; yours win if names\
                 are equal. Relative to where Sluice is started\
                """)
        Optional<Path> dir();

        @Key(
                value =
                        """
                        the analyses that are loaded, such as `[seo, support-ticket]`. Requests for\
                         others end as UNKNOWN_ANALYSIS. Only providers whose models these analyses\
                         use need API keys. `sluice analyses list` marks the others. Before you leave\
                         one out, let its jobs end: those that remain wait until their deadline, or\
                         without end if no worker reads [their model](#models) any more\
                        """,
                without = "all")
        Optional<List<String>> enabled();

        /** By the name of the analysis. */
        Map<String, CanaryVersion> canaries();
    }

    /** A second version of an analysis that gets a share of its requests. */
    interface CanaryVersion {
        @Key(
                """
                the folder of a second version of the analysis, with its `analysis.yaml` and\
                 `output.schema.json` ([change a prompt safely](EVALS.md#change-a-prompt-safely)). Admission and\
                 workers need the same canaries\
                """)
        Optional<Path> dir();

        @Key(
                """
                the share of the requests that get the second version. `0`: no new ones, its jobs\
                 end. Another share begins a new comparison, also after a stop\
                """)
        @WithDefault("10")
        int percent();

        @Key(
                """
                what is drawn for one of the versions: each `request`, or each `user` with all\
                 of the user's requests\
                """)
        @WithDefault("request")
        Canary.Unit by();
    }

    /** What models cost. */
    interface Prices {
        @Key(
                """
                your own prices, in the format of the included `prices.yaml`\
                 ([example](PROVIDERS.md#for-all-providers)); they replace all included\
                 prices of the models they name. `sluice prices list` shows the result.\
                 Restart admission and workers after a change\
                """)
        Optional<Path> file();
    }

    /** Admission. */
    interface Admission {
        @Key(
                """
                threads of Kafka Streams; the partitions of admission are spread over the\
                 threads of all instances\
                """)
        @WithDefault("1")
        int threads();

        @Key(
                """
                copies of admission's state that other instances keep up to date, so that\
                 they take over sooner\
                """)
        @WithDefault("1")
        int standbys();

        @Key(
                """
                time from one transaction to the next; a shorter one lets jobs start earlier\
                 and gives the brokers more work\
                """)
        @WithDefault("12ms")
        Duration commitInterval();

        @Key(
                """
                requests of one user that may wait, for money, for their turn or for the\
                 result of a request with the same content; further ones are denied\
                """)
        @WithDefault("10000")
        int maxWaiting();

        @Key("jobs of one user in progress beyond which further ones are handled as bulk")
        @WithDefault("50")
        int maxInteractive();

        @Key(
                """
                bytes that results kept for requests with the same content may take, in each\
                 partition of the state; further results answer only requests that wait\
                 already\
                """)
        @WithDefault("67108864")
        long maxSharedBytes();

        @Key(
                """
                folder that keeps the state between restarts, with a folder for each Kafka\
                 cluster\
                """)
        @WithDefault("data/admission")
        Path stateDir();
    }

    /** The worker. */
    interface Worker {
        @Key(
                """
                whether each call is recorded before it is sent. With `false`, calls of a\
                 job that is killed or cancelled before its outcome is committed are paid but\
                 missing from `calls.v1`. Also, nothing then stops a document that kills\
                 every worker ([guarantee 12](GUARANTEES.md))\
                """)
        @WithDefault("true")
        boolean journal();

        @Key(
                """
                jobs of one model that are in flight (started and not yet published); a\
                 tenth is kept for interactive jobs, and a tenth for bulk jobs\
                """)
        @WithDefault("1000")
        int maxInFlight();

        @Key(
                """
                bytes of the records of those jobs together; in memory they take about three\
                 times as much\
                """)
        @WithDefault("134217728")
        long maxInFlightBytes();

        @Key(
                """
                least time from the beginning of one transaction to the next; an outcome\
                 after a quiet time is published at once\
                """)
        @WithDefault("25ms")
        Duration commitInterval();

        @Key(
                """
                most outcomes in one transaction; a transaction with that many starts at\
                 once\
                """)
        @WithDefault("500")
        int maxOutcomes();

        @Key(
                """
                how long calls in flight may continue when their partition moves to another\
                 worker, as in a rollout; jobs without a call leave at once. Calls that take\
                 longer are cancelled and may be paid twice\
                """)
        @WithDefault("5s")
        Duration releaseTimeout();

        @Key(
                """
                how often finished jobs, and journal entries that nobody needs, are deleted\
                 from the internal topics\
                """)
        @WithDefault("60s")
        Duration cleanupInterval();

        @Key(
                value =
                        """
                        threads that prepare content, count its tokens and validate answers; jobs\
                         wait for models on other threads. One more thread takes only pieces of at\
                         most 64,000 characters. Set `worker.compute-threads` below the number of\
                         cores\
                        """,
                without = "all cores but one")
        Optional<Integer> computeThreads();

        @Key(
                """
                CPU time that one content, or one answer, may take (ten times as much by the\
                 clock). Beyond it a job ends as INPUT_TOO_LARGE at no cost, and an answer\
                 counts as invalid\
                """)
        @WithDefault("5s")
        Duration computeTimeout();

        @Key(
                """
                how long calls in flight may continue when the worker stops; jobs without a\
                 call leave at once. Calls that take longer are cancelled and paid twice. To\
                 avoid that, set it above the models' `timeout`: the default of `timeout`,\
                 120 s, is longer. Set Kubernetes' `terminationGracePeriodSeconds` (default\
                 30) 60 s above `worker.grace`, as the Helm chart does: calls of a worker\
                 that is killed earlier are paid twice. After `worker.grace` the worker still\
                 publishes outcomes and leaves its group, and admission in the same process\
                 stops. That takes some seconds, and up to 90 s with very slow brokers\
                """)
        @WithDefault("60s")
        Duration grace();

        @Key(
                value =
                        """
                        the worker's name for its transactions, the same after each restart, such as\
                         a StatefulSet's pod name. A restarted worker then ends its predecessor's\
                         open transaction at once. Otherwise that transaction holds up consumers with\
                         `read_committed` for up to 12 s\
                        """,
                without = "random")
        Optional<String> slot();
    }

    /** What dead letters keep of the content that they are about. */
    interface DeadLetters {
        @Key(
                """
                what dead letters keep of the model's answers: everything, hash and length,\
                 or nothing. Without `keep`, messages of violations are left out, too\
                 ([GUARANTEES.md](GUARANTEES.md#keep-less))\
                """)
        @WithDefault("keep")
        DeadLetterContent.RawAnswers rawAnswers();

        @Key(
                """
                what dead letters keep of the request's record: the record, or its place and\
                 hash\
                """)
        @WithDefault("keep")
        DeadLetterContent.Original original();
    }

    /** Metrics and health. */
    interface Http {
        @Key(
                """
                where `/console`, `/metrics`, `/health` and `/api` listen. In a container it\
                 must be `0.0.0.0`, so that Prometheus and probes reach them; the image has\
                 that default\
                """)
        @WithDefault("127.0.0.1")
        String host();

        @Key("the port; 0 for any free one")
        @WithDefault("8080")
        int port();

        @Key(
                """
                the bearer token, of at least 16 characters, of requests for users' data\
                 (`/api`, and ids and dead letters in the console). `/metrics` and `/health` never need one.\
                 Without it, users' data are served on loopback only, and only to who asks\
                 for a loopback address. Outside of loopback, they need TLS, too\
                """)
        Optional<String> token();

        @Key(
                """
                whether who has the token may also redrive and discard dead letters in the\
                 console, which may cost money. `false`: the token only reads\
                """)
        @WithDefault("true")
        boolean changes();

        Tls tls();
    }

    /** TLS of the HTTP endpoints. Absent: plain HTTP. */
    interface Tls {
        @Key(
                """
                the certificate and its chain, a PEM file. With it, all endpoints use HTTPS,\
                 also for probes and Prometheus (`scheme: HTTPS`). It is read again when the\
                 file changes\
                """)
        Optional<Path> certificate();

        @Key(
                """
                its key, a PEM file in PKCS 8, not encrypted. For cert-manager:\
                 `privateKey.encoding: PKCS8`\
                """)
        Optional<Path> key();
    }

    /** Logs. */
    interface Log {
        @Key(
                """
                `plain`, `json`, or `auto`: plain on a terminal, else JSON with the names of\
                 the Elastic Common Schema ([Logs](METRICS.md#logs))\
                """)
        @WithDefault("auto")
        Format format();

        @Key(
                """
                the share of requests whose calls and results are logged. Dead letters are\
                 always logged\
                """)
        @WithDefault("1.0")
        double requests();
    }

    /** Traces. */
    interface Tracing {
        @Key(
                """
                exports spans of requests with OpenTelemetry. The environment variables\
                 `OTEL_*` say where and how many ([Traces](METRICS.md#traces))\
                """)
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
