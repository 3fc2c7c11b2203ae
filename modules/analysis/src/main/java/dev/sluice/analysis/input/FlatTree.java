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
 * Traversal of a page's elements in the order in which a browser lays them out (DOM's <i>flat
 * tree</i>). A declarative shadow tree, {@code <template shadowrootmode>}, replaces the children of
 * its host, and these children are placed in its slots. Children without a slot are not shown.
 */
final class FlatTree {
    private static final Set<String> MODES = Set.of("open", "closed");

    /** Elements that may have a shadow tree, besides custom elements. */
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

    /** Visitor of the nodes. */
    interface Visitor {
        /** A node begins; returning false skips its children and its end. */
        boolean enter(Node node);

        /** An element ends. */
        void leave(Element element);
    }

    /** A node that begins or ends. */
    private record Visit(Node node, Tree tree, boolean ends) {}

    /** The tree a node belongs to: the page, or a shadow tree with the nodes for its slots. */
    private sealed interface Tree {}

    private record Page() implements Tree {}

    private record Shadow(Map<String, List<Node>> bySlot, Tree ofHost) implements Tree {}

    private FlatTree(Visitor visitor) {
        this.visitor = visitor;
    }

    /** Visits an element and all its descendants. */
    static void walk(Element root, Visitor visitor) {
        FlatTree walk = new FlatTree(visitor);
        walk.ahead.push(new Visit(root, new Page(), false));
        while (!walk.ahead.isEmpty()) {
            CutOff.check();
            walk.step(walk.ahead.pop());
        }
    }

    /** Whether an element is a shadow tree of its parent. */
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

    /** The first declared shadow tree; further ones are ordinary templates. */
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
            // The first slot of a name gets all nodes with that slot name.
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
