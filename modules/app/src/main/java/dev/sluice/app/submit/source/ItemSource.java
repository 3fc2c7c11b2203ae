package dev.sluice.app.submit.source;

import java.io.IOException;
import java.util.Optional;

/** A file with items. It can be read several times. */
public interface ItemSource {
    /** Reads all items, in their order. */
    void read(Receiver receiver) throws IOException, InterruptedException;

    /** What was guessed about the file, in words; empty if nothing was. */
    default Optional<String> explanation() throws IOException {
        return Optional.empty();
    }

    /** Takes what a source has. */
    interface Receiver {
        void item(Item item) throws IOException, InterruptedException;

        /**
         * Something that is no item.
         *
         * @param label the source, and the row
         */
        void problem(String label, String message) throws IOException, InterruptedException;
    }
}
