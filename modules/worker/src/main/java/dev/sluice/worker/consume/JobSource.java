package dev.sluice.worker.consume;

import dev.sluice.contract.Priority;

/** The model and the priority of the jobs on one topic. */
public record JobSource(String model, Priority priority) {
    public boolean isBulk() {
        return priority == Priority.BULK;
    }
}
