package dev.sluice.app.cli.requests;

import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.spend.BudgetClient;
import dev.sluice.app.submit.RequestOptions;
import dev.sluice.app.submit.Submission;
import dev.sluice.contract.Priority;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.AuthorizationException;

/** Compares the size of a submission with the users' hourly limits, before it is published. */
final class HourlyLimits {
    /** Own limits are looked up for so many users; each look reads the topic of budgets. */
    private static final int LOOKED_UP = 3;

    private static final Duration DEFAULT_DEADLINE = Duration.ofHours(24);

    private final SluiceConfig config;
    private final KafkaConnection connection;

    HourlyLimits(SluiceConfig config, KafkaConnection connection) {
        this.config = config;
        this.connection = connection;
    }

    /** A warning for each user whose requests will wait, or be denied. */
    List<String> warnings(Submission submission, RequestOptions options) {
        Map<String, Long> byUser =
                submission.planned().stream()
                        .collect(
                                Collectors.groupingBy(
                                        one -> one.identity().userId(), Collectors.counting()));
        List<Map.Entry<String, Long>> largest =
                byUser.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .limit(LOOKED_UP)
                        .toList();
        List<String> warnings = new ArrayList<>();
        for (Map.Entry<String, Long> user : largest) {
            int limit = limit(user.getKey());
            if (user.getValue() > limit) {
                warnings.add(warning(user.getKey(), user.getValue(), limit, options));
            }
        }
        return warnings;
    }

    private String warning(String user, long count, int limit, RequestOptions options) {
        String first = String.format(Locale.ROOT, "%s may send %,d requests an hour", user, limit);
        String fix = "; sluice budget set " + user + " --requests-per-hour N raises that";
        if (options.priority() == Priority.INTERACTIVE) {
            return first + ", so some of %,d will be denied".formatted(count) + fix;
        }
        if (limit == 0) {
            return first + fix;
        }
        Duration needed = Duration.ofHours((count - 1) / limit);
        boolean isTooLong = needed.compareTo(options.deadline().orElse(DEFAULT_DEADLINE)) >= 0;
        return first
                + String.format(Locale.ROOT, ", so %,d take %d hours", count, needed.toHours())
                + (isTooLong ? " and some will pass their deadline (--deadline)" : "")
                + (count - limit > config.admission().maxWaiting()
                        ? "; at most %,d may wait (admission.max-waiting), others are denied"
                                .formatted(config.admission().maxWaiting())
                        : "")
                + fix;
    }

    private int limit(String user) {
        int configured =
                config.rates().users().getOrDefault(user, config.rates().requestsPerHour());
        try (BudgetClient budgets = new BudgetClient(connection, InstantSource.system())) {
            return budgets.own(user)
                    .flatMap(own -> Optional.ofNullable(own.getRequestsPerHour()))
                    .orElse(configured);
        } catch (AuthorizationException e) {
            // A publisher may not read the budgets.
            return configured;
        }
    }
}
