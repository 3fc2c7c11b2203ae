package dev.sluice.simulator;

import java.math.BigDecimal;

/**
 * One line of the bill.
 *
 * @param callId the caller's id of the call, from the header X-Client-Request-Id; empty if the
 *     header is absent
 */
public record ChargedCall(String callId, BigDecimal usd) {}
