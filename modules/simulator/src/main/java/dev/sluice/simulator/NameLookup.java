package dev.sluice.simulator;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the known names that are similar to a mistyped one. */
final class NameLookup {
    private NameLookup() {}

    /**
     * An error that lists the nearest known name if the name is similar to one, or else all names.
     */
    static IllegalArgumentException unknown(String kind, String typed, Collection<String> known) {
        String hint =
                nearest(typed, known)
                        .map(name -> "did you mean '" + name + "'?")
                        .orElseGet(() -> "known are " + String.join(", ", known));
        return new IllegalArgumentException("unknown " + kind + " '" + typed + "'; " + hint);
    }

    private static Optional<String> nearest(String typed, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .filter(name -> distance(typed, name) <= Math.max(1, typed.length() / 4));
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
