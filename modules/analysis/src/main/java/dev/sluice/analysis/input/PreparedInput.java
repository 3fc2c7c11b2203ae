package dev.sluice.analysis.input;

/**
 * Content in the form shown to the model. Characters are code points.
 *
 * @param originalCharacters length of the submitted content
 * @param reducedCharacters length after reduction
 * @param keptCharacters length of {@code text}
 */
public record PreparedInput(
        String text, int originalCharacters, int reducedCharacters, int keptCharacters) {
    public boolean truncated() {
        return keptCharacters < reducedCharacters;
    }
}
