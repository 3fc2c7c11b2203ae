package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.LocalDate;

/**
 * The reservation of a job that is not settled yet.
 *
 * @param request the request that became the job
 * @param id identifies the reservation in its settlement
 * @param day day on which it is booked
 * @param cap the most that the job may cost, USD
 * @param analysis name of the job's analysis
 */
public record OpenReservation(
        RequestKey request, String id, LocalDate day, Cost cap, String analysis) {}
