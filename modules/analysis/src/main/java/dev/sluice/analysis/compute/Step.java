package dev.sluice.analysis.compute;

/** Step of an analysis that needs CPU time. */
public enum Step {
    /** Turns content into a prompt. */
    PREPARE("preparing the content"),
    /** Judges an answer and writes the repair prompt. */
    JUDGE("judging the answer");

    private final String words;

    Step(String words) {
        this.words = words;
    }

    /** The step's name in messages. */
    public String words() {
        return words;
    }
}
