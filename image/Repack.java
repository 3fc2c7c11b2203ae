import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies the jars of an image: {@code java Repack.java FROM TO NATIVE NAME=PATTERN...}.
 *
 * <p>The copies are not compressed, because an image's layers are compressed as a whole, which makes
 * them smaller by a third. They have no native libraries: for each NAME, the library whose entry
 * matches PATTERN is written to the folder NATIVE.
 */
final class Repack {
    private static final Pattern LIBRARY = Pattern.compile(".*\\.(so|dll|dylib|jnilib)");

    /** Of each entry, so that the same jars give the same bytes. */
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    private final Path natives;
    private final Map<String, Pattern> wanted = new TreeMap<>();
    private final Set<String> found = new HashSet<>();

    private Repack(Path natives) {
        this.natives = natives;
    }

    public static void main(String[] arguments) throws IOException {
        Repack repack = new Repack(Path.of(arguments[2]));
        for (int i = 3; i < arguments.length; i++) {
            String[] parts = arguments[i].split("=", 2);
            repack.wanted.put(parts[0], Pattern.compile(parts[1]));
        }
        try (var jars = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
            for (Path jar : jars) {
                repack.copy(jar, Path.of(arguments[1]).resolve(jar.getFileName()));
            }
        }
        if (!repack.found.equals(repack.wanted.keySet())) {
            throw new IOException("found only " + repack.found + " of " + repack.wanted);
        }
    }

    private void copy(Path from, Path to) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile());
                OutputStream file = Files.newOutputStream(to);
                ZipOutputStream copy = new ZipOutputStream(file)) {
            var entries = jar.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                byte[] content = jar.getInputStream(entry).readAllBytes();
                if (LIBRARY.matcher(entry.getName()).matches()) {
                    keep(entry.getName(), content);
                } else {
                    add(copy, entry.getName(), content);
                }
            }
        }
    }

    private void keep(String entry, byte[] library) throws IOException {
        for (var want : wanted.entrySet()) {
            if (want.getValue().matcher(entry).matches()) {
                Files.write(natives.resolve(want.getKey()), library);
                found.add(want.getKey());
            }
        }
    }

    private static void add(ZipOutputStream jar, String name, byte[] content) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        entry.setTimeLocal(TIME);
        jar.putNextEntry(entry);
        jar.write(content);
        jar.closeEntry();
    }
}
