package dev.sluice.analysis.input;

/**
 * Content as the model is shown it. Characters are code points.
 *
 * @param originalCharacters of the content as submitted
 * @param reducedCharacters left after reduction to what matters
 * @param keptCharacters of text
 */
public record PreparedInput(
        String text, int originalCharacters, int reducedCharacters, int keptCharacters) {
    public boolean truncated() {
        return keptCharacters < reducedCharacters;
    }
}
