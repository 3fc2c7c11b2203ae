package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.LocalDate;

/**
 * What is set aside for a job under way.
 *
 * @param analysis the job's
 */
record OpenReservation(LocalDate day, Cost cap, String analysis) {}
