package dev.sluice.app.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a {@code .env} file in dotenv's usual forms: {@code export} before a name, literal values
 * in single quotation marks, values in double quotation marks with {@code \n}, {@code \t}, {@code
 * \"} and {@code \\}, comments after {@code #}, a byte order mark. Messages name file and line and
 * never show a value, because most values are keys.
 */
final class DotEnv {
    private static final Pattern START =
            Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=[ \\t]*(.*)");

    private static final Pattern COMMENT = Pattern.compile("(?:^|\\s+)#.*$");
    private static final Pattern IGNORED = Pattern.compile("\\s*(?:#.*)?");

    private final Path file;
    private final List<String> lines;
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private DotEnv(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /**
     * The file's variables; empty if the file does not exist.
     *
     * @throws InvalidConfigException with every line that is not valid
     */
    static Map<String, String> read(Path file) {
        if (!Files.exists(file)) {
            return Map.of();
        }
        DotEnv reader;
        try {
            String text = Files.readString(file);
            reader =
                    new DotEnv(
                            file,
                            (text.startsWith("\uFEFF") ? text.substring(1) : text)
                                    .lines()
                                    .toList());
        } catch (AccessDeniedException e) {
            throw new InvalidConfigException(
                    List.of(file.toAbsolutePath() + " cannot be read; check its permissions"));
        } catch (IOException e) {
            // Neither exception contains the file's text: only the decoder's error, or the path.
            throw new InvalidConfigException(
                    List.of(
                            file
                                    + " cannot be read as UTF-8 text: "
                                    + e.getClass().getSimpleName()));
        }
        reader.read();
        if (!reader.problems.isEmpty()) {
            throw new InvalidConfigException(reader.problems);
        }
        return Map.copyOf(reader.variables);
    }

    private void read() {
        for (int number = 0; number < lines.size(); number++) {
            String line = lines.get(number);
            if (IGNORED.matcher(line).matches()) {
                continue;
            }
            Matcher start = START.matcher(line);
            if (!start.matches()) {
                problem(number, "is not NAME=VALUE");
                continue;
            }
            String value = start.group(2);
            if (value.startsWith("'") || value.startsWith("\"")) {
                number = quoted(start.group(1), value, number);
            } else {
                variables.put(start.group(1), COMMENT.matcher(value).replaceFirst("").strip());
            }
        }
    }

    /** Reads a value in quotation marks, which may span several lines; returns its last line. */
    private int quoted(String name, String begun, int number) {
        char mark = begun.charAt(0);
        StringBuilder value = new StringBuilder();
        String rest = begun.substring(1);
        for (int last = number; last < lines.size(); last++) {
            int end = end(rest, mark);
            if (end >= 0) {
                value.append(rest, 0, end);
                if (!IGNORED.matcher(rest.substring(end + 1)).matches()) {
                    problem(last, "has text after its closing quotation mark");
                }
                variables.put(name, mark == '"' ? unescaped(value.toString()) : value.toString());
                return last;
            }
            value.append(rest).append('\n');
            rest = last + 1 < lines.size() ? lines.get(last + 1) : "";
        }
        problem(number, "has no closing quotation mark");
        return number;
    }

    private static int end(String text, char mark) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && mark == '"') {
                i++;
            } else if (text.charAt(i) == mark) {
                return i;
            }
        }
        return -1;
    }

    private static String unescaped(String value) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            if (next == '\\' && i + 1 < value.length()) {
                char escaped = value.charAt(++i);
                switch (escaped) {
                    case 'n' -> plain.append('\n');
                    case 'r' -> plain.append('\r');
                    case 't' -> plain.append('\t');
                    case '"', '\\', '$' -> plain.append(escaped);
                    default -> plain.append('\\').append(escaped);
                }
            } else {
                plain.append(next);
            }
        }
        return plain.toString();
    }

    private void problem(int number, String text) {
        problems.add(file + " line " + (number + 1) + " " + text);
    }
}
