package dev.sluice.devkit;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
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
    private final Protection protection;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Optional<Integer> outage = Optional.empty();

    /**
     * What the registry asks of its clients.
     *
     * @param authorization decides on the value of the Authorization header, "" if there is none
     * @param certificate the certificate of its TLS; empty for plain HTTP
     * @param client the only client certificate that it trusts; empty if it asks for none
     */
    public record Protection(
            Predicate<String> authorization,
            Optional<SelfSigned> certificate,
            Optional<SelfSigned> client) {
        /** Plain HTTP for everybody. */
        public static final Protection NONE =
                new Protection(header -> true, Optional.empty(), Optional.empty());

        /** The same, with {@code user:password} in every request. */
        public Protection withPassword(String credentials) {
            byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
            String expected = "Basic " + Base64.getEncoder().encodeToString(bytes);
            return withAuthorization(expected::equals);
        }

        /** The same, with another check of the Authorization header. */
        public Protection withAuthorization(Predicate<String> check) {
            return new Protection(check, certificate, client);
        }

        /** The same over TLS. */
        public Protection withTls(SelfSigned server) {
            return new Protection(authorization, Optional.of(server), client);
        }

        /** The same for one client certificate only. */
        public Protection withClientCertificate(SelfSigned trusted) {
            return new Protection(authorization, certificate, Optional.of(trusted));
        }
    }

    private EmbeddedRegistry(Protection protection) {
        this.protection = protection;
        QueuedThreadPool threads = new QueuedThreadPool(16, 2);
        threads.setName("registry");
        threads.setDaemon(true);
        this.server = new Server(threads);
        this.connector =
                protection
                        .certificate()
                        .map(certificate ->
                                new ServerConnector(
                                        server, 1, 1, tls(certificate, protection.client())))
                        .orElseGet(() ->
                                new ServerConnector(server, 1, 1, new HttpConnectionFactory()));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Endpoint());
    }

    private static ConnectionFactory[] tls(SelfSigned certificate, Optional<SelfSigned> client) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStorePath(certificate.store().toString());
        tls.setKeyStorePassword(certificate.password());
        tls.setSniRequired(false);
        client.ifPresent(trusted -> {
            tls.setTrustStorePath(trusted.store().toString());
            tls.setTrustStorePassword(trusted.password());
            tls.setNeedClientAuth(true);
        });
        return AbstractConnectionFactory.getFactories(tls, new HttpConnectionFactory());
    }

    /** Starts a registry on a free port, for everybody. */
    public static EmbeddedRegistry start() {
        return start(Protection.NONE);
    }

    /** Starts a registry on a free port. */
    public static EmbeddedRegistry start(Protection protection) {
        EmbeddedRegistry registry = new EmbeddedRegistry(protection);
        try {
            registry.server.start();
        } catch (Exception e) {
            throw new IllegalStateException("the embedded schema registry did not start", e);
        }
        return registry;
    }

    /** Base address. */
    public String url() {
        String scheme = protection.certificate().isPresent() ? "https" : "http";
        return scheme + "://127.0.0.1:" + connector.getLocalPort();
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
        String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (!protection.authorization().test(authorization == null ? "" : authorization)) {
            return RegistryAnswer.error(401, 40101, "user, password or token is wrong");
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
}
