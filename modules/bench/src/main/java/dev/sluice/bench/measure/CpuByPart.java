package dev.sluice.bench.measure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/**
 * CPU time by part of the code. Each sample counts for the topmost package of ours on its stack, or
 * else for its thread. Garbage collector and compiler are not sampled.
 */
public final class CpuByPart {
    private static final String OURS = "dev.sluice.";
    private static final double LEAST = 0.01;

    private final Map<String, Integer> samples = new HashMap<>();

    private CpuByPart() {}

    /** Reads samples that a {@link Contender} wrote. */
    public static CpuByPart read(Path file) throws IOException {
        CpuByPart parts = new CpuByPart();
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                if (event.getEventType().getName().equals("jdk.CPUTimeSample")) {
                    parts.samples.merge(part(event), 1, Integer::sum);
                }
            }
        }
        return parts;
    }

    private static String part(RecordedEvent event) {
        return ownPackage(event).orElseGet(() -> thread(event));
    }

    private static Optional<String> ownPackage(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return Optional.empty();
        }
        return event.getStackTrace().getFrames().stream()
                .map(RecordedFrame::getMethod)
                .filter(method -> method != null)
                .map(CpuByPart::className)
                .filter(name -> name.startsWith(OURS))
                .map(name -> name.substring(OURS.length(), name.lastIndexOf('.')))
                .findFirst();
    }

    private static String className(RecordedMethod method) {
        return method.getType().getName();
    }

    /** The name of a thread without its numbers, so that threads of one kind count together. */
    private static String thread(RecordedEvent event) {
        var thread = event.getThread("eventThread");
        String name = thread == null ? null : thread.getJavaName();
        return name == null || name.isBlank()
                ? "(other threads)"
                : name.replaceAll("[0-9a-f-]{8,}|\\d+", "");
    }

    /** The parts in per cent, the largest first. */
    @Override
    public String toString() {
        double all = samples.values().stream().mapToInt(Integer::intValue).sum();
        List<Map.Entry<String, Integer>> sorted =
                samples.entrySet().stream()
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .toList();
        return sorted.stream()
                .filter(part -> part.getValue() >= LEAST * all)
                .map(part ->
                        String.format("%s %.0f %%", part.getKey(), 100 * part.getValue() / all))
                .collect(Collectors.joining(", "));
    }
}
