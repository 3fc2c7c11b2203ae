package dev.sluice.devkit;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A schema registry in this process, on loopback. It implements Confluent's REST protocol for Avro:
 * register, look up, by id, latest, by version, compatibility, configuration, delete. It keeps its
 * data in memory.
 */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

    private final Server server;
    private final ServerConnector connector;
    private final SubjectStore store = new SubjectStore();
    private final Optional<String> credentials;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Optional<Integer> outage = Optional.empty();

    private EmbeddedRegistry(int port, Optional<String> credentials) {
        this.credentials = credentials;
        QueuedThreadPool threads = new QueuedThreadPool(16, 2);
        threads.setName("registry");
        threads.setDaemon(true);
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory());
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        server.addConnector(connector);
        server.setHandler(new Endpoint());
    }

    /** Starts a registry on a free port, without credentials. */
    public static EmbeddedRegistry start() {
        return start(0, Optional.empty());
    }

    /**
     * Starts a registry.
     *
     * @param port the port, or 0 for a free one
     * @param credentials {@code user:password} that every request must carry, or empty
     */
    public static EmbeddedRegistry start(int port, Optional<String> credentials) {
        EmbeddedRegistry registry = new EmbeddedRegistry(port, credentials);
        try {
            registry.server.start();
        } catch (Exception e) {
            throw new IllegalStateException("the embedded schema registry did not start", e);
        }
        return registry;
    }

    /** Base address. */
    public String url() {
        return "http://127.0.0.1:" + connector.getLocalPort();
    }

    /** Answers every request with this status until {@link #recover()}. */
    public void fail(int status) {
        outage = Optional.of(status);
    }

    /** Ends {@link #fail}. */
    public void recover() {
        outage = Optional.empty();
    }

    /** Method and path of every request so far, failed ones included. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the embedded schema registry did not stop", e);
        }
    }

    private final class Endpoint extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws Exception {
            requests.add(request.getMethod() + " " + request.getHttpURI().getPathQuery());
            String body = Content.Source.asString(request, StandardCharsets.UTF_8);
            RegistryAnswer answer;
            try {
                answer = answer(request, body);
            } catch (RegistryAnswer.Refused refused) {
                answer = refused.answer();
            }
            response.setStatus(answer.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, CONTENT_TYPE);
            response.write(
                    true,
                    ByteBuffer.wrap(answer.body().toString().getBytes(StandardCharsets.UTF_8)),
                    callback);
            return true;
        }
    }

    private RegistryAnswer answer(Request request, String body) {
        Optional<Integer> failing = outage;
        if (failing.isPresent()) {
            return RegistryAnswer.error(failing.get(), 50001, "scripted outage");
        }
        if (credentials.isPresent() && !authorized(request, credentials.get())) {
            return RegistryAnswer.error(401, 40101, "user or password is wrong");
        }
        List<String> path = new ArrayList<>();
        for (String segment : request.getHttpURI().getPath().split("/", -1)) {
            if (!segment.isEmpty()) {
                path.add(URLDecoder.decode(segment, StandardCharsets.UTF_8));
            }
        }
        return route(request.getMethod(), path, body);
    }

    private RegistryAnswer route(String method, List<String> path, String body) {
        String shape = method + " " + String.join("/", shape(path));
        return switch (shape) {
            case "GET " -> RegistryAnswer.ok(JSON.createObjectNode());
            case "GET subjects" -> RegistryAnswer.ok(JSON.valueToTree(store.subjects()));
            case "POST subjects/*" -> store.lookUp(path.get(1), schemaText(body));
            case "DELETE subjects/*" -> store.delete(path.get(1));
            case "GET subjects/*/versions" -> store.versions(path.get(1));
            case "POST subjects/*/versions" -> store.register(path.get(1), schemaText(body));
            case "GET subjects/*/versions/*" -> store.version(path.get(1), path.get(3));
            case "GET schemas/ids/*" -> store.byId(path.get(2));
            case "GET schemas/types" -> RegistryAnswer.ok(JSON.createArrayNode().add("AVRO"));
            case "POST compatibility/subjects/*/versions/*" ->
                    store.isCompatible(path.get(2), path.get(4), schemaText(body));
            case "GET config" -> store.compatibility(Optional.empty());
            case "GET config/*" -> store.compatibility(Optional.of(path.get(1)));
            case "PUT config" ->
                    store.setCompatibility(Optional.empty(), field(body, "compatibility"));
            case "PUT config/*" ->
                    store.setCompatibility(Optional.of(path.get(1)), field(body, "compatibility"));
            default -> RegistryAnswer.error(404, 404, "no such resource: " + shape);
        };
    }

    /** The path with names and numbers replaced by an asterisk, for matching. */
    private static List<String> shape(List<String> path) {
        List<String> words =
                List.of(
                        "subjects",
                        "versions",
                        "schemas",
                        "ids",
                        "types",
                        "config",
                        "compatibility");
        List<String> shape = new ArrayList<>();
        for (int i = 0; i < path.size(); i++) {
            boolean afterName = i > 0 && words.contains(path.get(i - 1));
            boolean fixed =
                    i == 0
                            || (path.get(0).equals("schemas") && i == 1)
                            || (path.get(0).equals("compatibility") && (i == 1 || i == 3))
                            || (path.get(0).equals("subjects") && i == 2);
            shape.add(fixed || !afterName ? path.get(i) : "*");
        }
        return shape;
    }

    private static String schemaText(String body) {
        JsonNode request = parsed(body);
        if (!request.path("schemaType").asString("AVRO").equals("AVRO")) {
            throw new RegistryAnswer.Refused(
                    RegistryAnswer.error(422, 42201, "this registry supports Avro schemas only"));
        }
        if (!request.path("references").isEmpty()) {
            throw new RegistryAnswer.Refused(
                    RegistryAnswer.error(
                            422, 42201, "this registry does not support schema references"));
        }
        return field(body, "schema");
    }

    private static String field(String body, String name) {
        String value = parsed(body).path(name).asString("");
        if (value.isEmpty()) {
            throw new RegistryAnswer.Refused(
                    RegistryAnswer.error(422, 42201, "the body has no " + name));
        }
        return value;
    }

    private static ObjectNode parsed(String body) {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (tools.jackson.core.JacksonException e) {
            // Answered below: a body that is not JSON is the same mistake as one that is not an
            // object.
        }
        throw new RegistryAnswer.Refused(
                RegistryAnswer.error(400, 400, "the body is not a JSON object"));
    }

    private static boolean authorized(Request request, String credentials) {
        String expected =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        return expected.equals(request.getHeaders().get(HttpHeader.AUTHORIZATION));
    }
}
