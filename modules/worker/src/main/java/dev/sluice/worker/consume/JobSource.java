package dev.sluice.worker.consume;

import dev.sluice.contract.Lane;

/** Whose jobs are on a topic. */
public record JobSource(String model, Lane lane) {}
