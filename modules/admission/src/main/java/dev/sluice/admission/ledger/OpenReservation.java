package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.Instant;
import java.time.LocalDate;

/**
 * What is set aside for a job under way.
 *
 * @param request whose it is
 * @param analysis the job's
 * @param known until when its request is known to have come
 * @param counted whether its request counts towards the user's rate
 */
public record OpenReservation(
        Identity request,
        String id,
        LocalDate day,
        Cost cap,
        String analysis,
        Instant known,
        boolean counted) {}
