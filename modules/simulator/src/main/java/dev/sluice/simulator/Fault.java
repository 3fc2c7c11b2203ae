package dev.sluice.simulator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A fault: an error, or an answer in a form that only some providers use. */
public final class Fault {
    private final String label;
    private final String description;
    private final Deviation chat;
    private final Deviation messages;

    private Fault(String label, String description, Deviation chat, Deviation messages) {
        this.label = label;
        this.description = description;
        this.chat = chat;
        this.messages = messages;
    }

    Fault(String label, String description, Deviation deviation) {
        this(label, description, deviation, deviation);
    }

    /** A fault with different forms in chat completions and in messages. */
    static Fault either(String label, String description, Deviation chat, Deviation messages) {
        return new Fault(label, description, chat, messages);
    }

    /** A fault of chat completions; messages get a normal answer. */
    static Fault ofChat(String label, String description, Deviation chat) {
        return new Fault(label, description + " (OpenAI only)", chat, Deviation.NONE);
    }

    /** A fault of messages; chat completions get a normal answer. */
    static Fault ofMessages(String label, String description, Deviation messages) {
        return new Fault(label, description + " (Anthropic only)", Deviation.NONE, messages);
    }

    /**
     * Faults of one kind.
     *
     * @param title what the faults have in common
     */
    public record Group(String title, List<Fault> faults) {}

    /** All faults. */
    public static List<Group> groups() {
        return List.of(
                ModelFaults.GROUP,
                ThrottlingFaults.GROUP,
                StatusFaults.GROUP,
                OperatorFaults.GROUP,
                UsageFaults.GROUP,
                ContentFaults.GROUP,
                FinishFaults.GROUP,
                EnvelopeFaults.GROUP);
    }

    /**
     * The fault with this name.
     *
     * @throws IllegalArgumentException with the similar names, if there is none
     */
    static Fault labelled(String label) {
        Fault fault = Catalog.BY_LABEL.get(label);
        if (fault == null) {
            throw NameLookup.unknown("fault", label, Catalog.BY_LABEL.keySet());
        }
        return fault;
    }

    /** Its position among all faults. */
    int position() {
        return List.copyOf(Catalog.BY_LABEL.keySet()).indexOf(label);
    }

    /** The name used on the command line. */
    public String label() {
        return label;
    }

    /** The answer in one line. */
    public String description() {
        return description;
    }

    Deviation deviation(Dialect dialect) {
        return dialect instanceof AnthropicDialect ? messages : chat;
    }

    /**
     * Loaded when a name is first looked up, because the groups create faults while they are
     * loaded.
     */
    private static final class Catalog {
        static final Map<String, Fault> BY_LABEL = byLabel();

        private static Map<String, Fault> byLabel() {
            Map<String, Fault> faults = new LinkedHashMap<>();
            for (Group group : groups()) {
                for (Fault fault : group.faults()) {
                    if (faults.put(fault.label(), fault) != null) {
                        throw new IllegalStateException("two faults are named " + fault.label());
                    }
                }
            }
            return faults;
        }
    }
}
