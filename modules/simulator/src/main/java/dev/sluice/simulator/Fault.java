package dev.sluice.simulator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A way in which a call can go wrong, or be answered as only some providers answer. */
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

    /** One that differs between chat completions and messages. */
    static Fault either(String label, String description, Deviation chat, Deviation messages) {
        return new Fault(label, description, chat, messages);
    }

    /** One of chat completions; messages are answered plainly. */
    static Fault ofChat(String label, String description, Deviation chat) {
        return new Fault(label, description + " (OpenAI only)", chat, Deviation.NONE);
    }

    /** One of messages; chat completions are answered plainly. */
    static Fault ofMessages(String label, String description, Deviation messages) {
        return new Fault(label, description + " (Anthropic only)", Deviation.NONE, messages);
    }

    /**
     * Faults of one kind.
     *
     * @param title what they have in common
     */
    public record Group(String title, List<Fault> faults) {}

    /** All that there are. */
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
     * The fault of that name.
     *
     * @throws IllegalArgumentException with what may have been meant, if there is none
     */
    static Fault labelled(String label) {
        Fault fault = Catalog.BY_LABEL.get(label);
        if (fault == null) {
            throw NameLookup.unknown("fault", label, Catalog.BY_LABEL.keySet());
        }
        return fault;
    }

    /** Where it stands among all faults. */
    int position() {
        return List.copyOf(Catalog.BY_LABEL.keySet()).indexOf(label);
    }

    /** The name used on the command line. */
    public String label() {
        return label;
    }

    /** What comes back, in one line. */
    public String description() {
        return description;
    }

    Deviation deviation(Dialect dialect) {
        return dialect instanceof AnthropicDialect ? messages : chat;
    }

    /** Read when a name is first asked for: the groups make faults while they are read. */
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
