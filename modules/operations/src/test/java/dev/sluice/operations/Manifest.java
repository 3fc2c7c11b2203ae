package dev.sluice.operations;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A rendered object of Kubernetes. */
record Manifest(Map<String, Object> content) {
    String kind() {
        return String.valueOf(content.get("kind"));
    }

    String name() {
        return String.valueOf(at("metadata", "name"));
    }

    /** The pod of a workload; empty for other kinds. */
    Optional<Manifest> pod() {
        return switch (kind()) {
            case "StatefulSet", "Job" ->
                    Optional.of(new Manifest(Chart.map(at("spec", "template"))));
            default -> Optional.empty();
        };
    }

    /** The one container of a pod. */
    Manifest container() {
        return new Manifest(Chart.map(list("spec", "containers").getFirst()));
    }

    List<?> list(String... path) {
        return (List<?>) at(path);
    }

    Map<String, Object> map(String... path) {
        return Chart.map(at(path));
    }

    /**
     * The value at a path.
     *
     * @throws NullPointerException if there is none
     */
    Object at(String... path) {
        Object value = content;
        for (String key : path) {
            value = Objects.requireNonNull(Chart.map(value).get(key), () -> String.join(".", path));
        }
        return value;
    }
}
