package dev.sluice.worker.consume;

import dev.sluice.contract.Priority;

/** Whose jobs are on a topic. */
public record JobSource(String model, Priority priority) {
    public boolean isBulk() {
        return priority == Priority.BULK;
    }
}
