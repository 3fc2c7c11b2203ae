package dev.sluice.admission;

import dev.sluice.admission.decide.AdmissionDecider;
import dev.sluice.admission.decide.TickBudget;
import dev.sluice.admission.settle.SettlementReader;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.Spend;
import dev.sluice.contract.Topics;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.time.Duration;
import java.time.InstantSource;

/**
 * The parts that all tasks of one process share.
 *
 * @param probeInterval time between two attempts while the registry does not answer
 * @param ticks the time budget of each thread for waiting requests
 */
record AdmissionParts(
        Topics topics,
        UserPartitioner partitioner,
        AdmissionDecider.Rules rules,
        AdmissionTopology.Exchanges exchanges,
        SettlementReader settlements,
        RecordDecoder<BudgetChange> budgetChanges,
        ConfluentAvroSerializer<Spend> spends,
        AdmissionMetrics metrics,
        TaskTurns turns,
        AdmissionTraces traces,
        InstantSource clock,
        Duration probeInterval,
        ThreadLocal<TickBudget> ticks) {}
