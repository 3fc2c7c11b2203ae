package dev.sluice.app.calls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.calls.CallGroups.By;
import dev.sluice.app.calls.CallGroups.Group;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.TokenUsage;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallGroupsTest {
    private final CallGroups groups = new CallGroups(List.of(By.USER, By.MODEL));

    @Test
    void groupsAreAddedUpAndTheMostExpensiveComesFirst() {
        groups.add(call("ann", CallStatus.ANSWERED, "0.000000100"));
        groups.add(call("bob", CallStatus.ANSWERED, "0.000000300"));
        groups.add(call("ann", CallStatus.UNCONFIRMED, "0.000000500"));

        assertThat(groups.mostExpensiveFirst())
                .containsExactly(
                        group(List.of("ann", "m"), 2, "0.000000100", "0.000000500"),
                        group(List.of("bob", "m"), 1, "0.000000300", "0"));
        assertThat(groups.sum()).isEqualTo(group(List.of(), 3, "0.000000400", "0.000000500"));
    }

    private static Group group(List<String> values, int calls, String cost, String unconfirmed) {
        return new Group(
                values,
                calls,
                10L * calls,
                3L * calls,
                new BigDecimal(cost),
                new BigDecimal(unconfirmed));
    }

    private static ModelCall call(String user, CallStatus status, String costUsd) {
        return ModelCall.newBuilder()
                .setCallId("c")
                .setRequestId("r")
                .setUserId(user)
                .setAnalysis("seo")
                .setReservationId("v")
                .setDay(LocalDate.of(2026, 11, 30))
                .setModel("m")
                .setStatus(status)
                .setUsage(TokenUsage.newBuilder().setInputTokens(10).setOutputTokens(3).build())
                .setCostUsd(new BigDecimal(costUsd))
                .build();
    }
}
