package dev.sluice.analysis.input;

import dev.sluice.analysis.compute.CutOff;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

/**
 * A page's elements as a browser lays them out (DOM's <i>flat tree</i>): a declarative shadow tree,
 * {@code <template shadowrootmode>}, stands in place of its host's children, and these stand where
 * its slots are. What no slot takes is not shown.
 */
final class FlatTree {
    private static final Set<String> MODES = Set.of("open", "closed");

    /** Elements that may have a shadow tree, besides custom ones. */
    private static final Set<String> HOSTS =
            Set.of(
                    "article",
                    "aside",
                    "blockquote",
                    "body",
                    "div",
                    "footer",
                    "h1",
                    "h2",
                    "h3",
                    "h4",
                    "h5",
                    "h6",
                    "header",
                    "main",
                    "nav",
                    "p",
                    "section",
                    "span");

    private static final Pattern CUSTOM = Pattern.compile("[a-z][^-]*+-.*", Pattern.DOTALL);

    private final Deque<Visit> ahead = new ArrayDeque<>();
    private final Visitor visitor;

    /** Is shown a tree. */
    interface Visitor {
        /** A node begins; false passes over what is in it, and its end. */
        boolean enter(Node node);

        /** An element ends. */
        void leave(Element element);
    }

    /** A node that begins or ends. */
    private record Visit(Node node, Tree tree, boolean ends) {}

    /** The tree that a node is in: the page, or a shadow tree with what its slots take. */
    private sealed interface Tree {}

    private record Page() implements Tree {}

    private record Shadow(Map<String, List<Node>> bySlot, Tree ofHost) implements Tree {}

    private FlatTree(Visitor visitor) {
        this.visitor = visitor;
    }

    /** Shows an element and all that is in it. */
    static void walk(Element root, Visitor visitor) {
        FlatTree walk = new FlatTree(visitor);
        walk.ahead.push(new Visit(root, new Page(), false));
        while (!walk.ahead.isEmpty()) {
            CutOff.check();
            walk.step(walk.ahead.pop());
        }
    }

    /** Whether an element is a shadow tree of the element around it. */
    static boolean isShadowRoot(Element element) {
        Element host = element.parent();
        return isDeclared(element) && host != null && mayHost(host);
    }

    private static boolean isDeclared(Element element) {
        return element.normalName().equals("template")
                && MODES.contains(element.attr("shadowrootmode").toLowerCase(Locale.ROOT));
    }

    private static boolean mayHost(Element element) {
        String name = element.normalName();
        return HOSTS.contains(name) || CUSTOM.matcher(name).matches();
    }

    /** The first one declared; others are templates like any. */
    private static Optional<Element> shadowRoot(Element host) {
        if (mayHost(host)) {
            for (Node child : host.childNodes()) {
                if (child instanceof Element element && isDeclared(element)) {
                    return Optional.of(element);
                }
            }
        }
        return Optional.empty();
    }

    private void step(Visit visit) {
        if (visit.ends()) {
            visitor.leave((Element) visit.node());
            return;
        }
        if (!visitor.enter(visit.node()) || !(visit.node() instanceof Element element)) {
            return;
        }
        ahead.push(new Visit(element, visit.tree(), true));
        Optional<Element> shadow = shadowRoot(element);
        if (shadow.isPresent()) {
            push(
                    shadow.get().childNodes(),
                    new Shadow(bySlot(element, shadow.get()), visit.tree()));
        } else if (visit.tree() instanceof Shadow tree && element.normalName().equals("slot")) {
            // The first slot of a name takes all that is meant for it.
            List<Node> taken = tree.bySlot().remove(element.attr("name"));
            if (taken == null) {
                push(element.childNodes(), tree);
            } else {
                push(taken, tree.ofHost());
            }
        } else {
            push(element.childNodes(), visit.tree());
        }
    }

    private static Map<String, List<Node>> bySlot(Element host, Element shadowRoot) {
        Map<String, List<Node>> bySlot = new HashMap<>();
        for (Node child : host.childNodes()) {
            if (child instanceof TextNode
                    || (child instanceof Element && !child.equals(shadowRoot))) {
                String slot = child instanceof Element element ? element.attr("slot") : "";
                bySlot.computeIfAbsent(slot, name -> new ArrayList<>()).add(child);
            }
        }
        return bySlot;
    }

    private void push(List<Node> nodes, Tree tree) {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            ahead.push(new Visit(nodes.get(i), tree, false));
        }
    }
}
