package dev.sluice.analysis.compute;

/** What is computed. */
public enum Step {
    /** Content becomes a prompt. */
    PREPARE("preparing the content"),
    /** An answer is judged, and its repair written. */
    JUDGE("judging the answer");

    private final String words;

    Step(String words) {
        this.words = words;
    }

    /** As a message says it. */
    public String words() {
        return words;
    }
}
