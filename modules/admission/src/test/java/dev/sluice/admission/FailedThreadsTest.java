package dev.sluice.admission;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.rocksdb.RocksDBException;

class FailedThreadsTest {
    private static final List<Throwable> OUTAGES =
            List.of(
                    new InvalidTxnStateException("after a pause of the broker"),
                    new TimeoutException("the broker gave no answer"),
                    new KafkaException("Unexpected error in TxnOffsetCommitResponse"));
    private static final List<Throwable> LASTING =
            List.of(
                    new NullPointerException("a bug"),
                    new SerializationException("a record that no serializer takes"),
                    new ConfigException("a wrong setting"),
                    new SaslAuthenticationException("wrong password"),
                    new TopicAuthorizationException("no right to write"));

    private static final Path FOLDER = Path.of("target");

    private Instant now = Instant.EPOCH;
    private final FailedThreads failures = new FailedThreads(1, new StateFolder(FOLDER), () -> now);

    @ParameterizedTest
    @FieldSource("OUTAGES")
    void threadThatABrokerErrorStoppedIsReplaced(Throwable cause) {
        assertThat(failures.handle(new StreamsException("commit", cause)))
                .isEqualTo(REPLACE_THREAD);
    }

    @ParameterizedTest
    @FieldSource("LASTING")
    void permanentFailureStopsAdmission(Throwable cause) {
        assertThat(failures.handle(new StreamsException("process", cause)))
                .isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void fullDiskIsReportedWithItsFolderAndFreeSpace() {
        // The exception that Kafka Streams throws for a full disk.
        StreamsException failure =
                new ProcessorStateException(
                        "Error opening store admission at location /data/rocksdb/admission",
                        new RocksDBException(
                                "While appending to file: /data/000000.dbtmp: No space left on"
                                        + " device"));

        assertThat(failures.handle(failure)).isEqualTo(SHUTDOWN_CLIENT);

        assertThat(failures.fatal())
                .hasValueSatisfying(message ->
                        assertThat(message)
                                .matches(
                                        "admission.state-dir "
                                                + FOLDER.toAbsolutePath()
                                                + " is on a full disk \\([\\d,]+ bytes left\\).*"));
    }

    @Test
    void firstFailureIsReportedAsFatal() {
        StreamThreadExceptionResponse _ =
                failures.handle(new StreamsException("process", new NullPointerException("a bug")));
        StreamThreadExceptionResponse _ = failures.handle(new IllegalStateException("the next"));

        assertThat(failures.fatal()).contains("stopped: java.lang.NullPointerException: a bug");
    }

    @Test
    void tooManyReplacementsStopAdmission() {
        for (int i = 0; i < 5; i++) {
            assertThat(failures.handle(new TimeoutException())).isEqualTo(REPLACE_THREAD);
        }
        assertThat(failures.handle(new TimeoutException())).isEqualTo(SHUTDOWN_CLIENT);

        now = now.plus(Duration.ofMinutes(10));

        assertThat(failures.handle(new TimeoutException())).isEqualTo(REPLACE_THREAD);
    }

    @Test
    void limitOfReplacementsIsPerThread() {
        FailedThreads two = new FailedThreads(2, new StateFolder(FOLDER), () -> now);
        for (int i = 0; i < 10; i++) {
            assertThat(two.handle(new TimeoutException())).isEqualTo(REPLACE_THREAD);
        }
        assertThat(two.handle(new TimeoutException())).isEqualTo(SHUTDOWN_CLIENT);
    }
}
