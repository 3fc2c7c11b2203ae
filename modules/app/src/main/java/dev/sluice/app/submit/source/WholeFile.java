package dev.sluice.app.submit.source;

import dev.sluice.analysis.input.PageFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file whose text is one item.
 *
 * @param name the item's source
 */
record WholeFile(Path file, String name) implements ItemSource {
    /** No analysis takes more, and the whole file is held in memory. */
    private static final long MAX_BYTES = 64L << 20;

    @Override
    public void read(Receiver receiver) throws IOException, InterruptedException {
        long size = Files.size(file);
        if (size > MAX_BYTES) {
            receiver.problem(
                    name,
                    "the file has "
                            + size
                            + " bytes, too many for one request; --format jsonl or csv reads files"
                            + " of rows");
            return;
        }
        receiver.item(
                new Item(
                        name,
                        OptionalLong.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        PageFile.read(file),
                        Map.of()));
    }
}
