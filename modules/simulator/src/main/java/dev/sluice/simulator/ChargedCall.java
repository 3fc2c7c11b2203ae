package dev.sluice.simulator;

import java.math.BigDecimal;

/**
 * One line of the bill.
 *
 * @param callId the caller's own id of the call, from the header X-Client-Request-Id; empty if it
 *     sent none
 */
public record ChargedCall(String callId, BigDecimal usd) {}
