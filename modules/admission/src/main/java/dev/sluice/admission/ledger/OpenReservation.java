package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.LocalDate;

/**
 * What is set aside for a job under way.
 *
 * @param request whose it is
 * @param analysis the job's
 */
public record OpenReservation(
        RequestKey request, String id, LocalDate day, Cost cap, String analysis) {}
