package dev.sluice.devkit;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * An embedded broker that asks its clients who they are, and permits nothing that no ACL permits.
 * It has a listener with SASL over TLS, one with client certificates, and one without security for
 * its administrator, who may do everything.
 */
public final class SecureKafka implements AutoCloseable {
    private static final int SCRAM_ITERATIONS = 4096;

    private final EmbeddedKafka kafka;
    private final SelfSigned broker;
    private final SelfSigned client;
    private final int saslPort;
    private final int tlsPort;

    private SecureKafka(
            EmbeddedKafka kafka, SelfSigned broker, SelfSigned client, int saslPort, int tlsPort) {
        this.kafka = kafka;
        this.broker = broker;
        this.client = client;
        this.saslPort = saslPort;
        this.tlsPort = tlsPort;
    }

    /**
     * Starts the broker.
     *
     * @param folder for its certificates
     * @param certificateUser the user of the client certificate
     * @param plainUsers users of SASL/PLAIN. The password is the name with {@code -secret}
     */
    public static SecureKafka start(Path folder, String certificateUser, List<String> plainUsers) {
        SelfSigned broker = SelfSigned.create(folder.resolve("broker.p12"), "127.0.0.1");
        SelfSigned client = SelfSigned.create(folder.resolve("client.p12"), certificateUser);
        int[] ports = BrokerFiles.freePorts(2);
        Map<String, String> settings = new HashMap<>();
        settings.put(
                BrokerFiles.FURTHER_LISTENERS,
                "SASL://127.0.0.1:" + ports[0] + ",TLS://127.0.0.1:" + ports[1]);
        settings.put(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,TLS:SSL");
        settings.put("ssl.keystore.location", broker.store().toString());
        settings.put("ssl.keystore.password", broker.password());
        settings.put("ssl.truststore.location", client.store().toString());
        settings.put("ssl.truststore.password", client.password());
        settings.put("listener.name.tls.ssl.client.auth", "required");
        settings.put("listener.name.tls.ssl.principal.mapping.rules", "RULE:^CN=(.*)$/$1/");
        settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN,OAUTHBEARER");
        settings.put(
                "listener.name.sasl.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        settings.put("listener.name.sasl.plain.sasl.jaas.config", plainLogins(plainUsers));
        settings.put(
                "listener.name.sasl.oauthbearer.sasl.jaas.config",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                        + " unsecuredLoginStringClaim_sub=\"broker\";");
        settings.put(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        settings.put("super.users", "User:ANONYMOUS");
        return new SecureKafka(EmbeddedKafka.start(settings), broker, client, ports[0], ports[1]);
    }

    private static String plainLogins(List<String> users) {
        StringBuilder logins =
                new StringBuilder(
                        "org.apache.kafka.common.security.plain.PlainLoginModule required");
        users.forEach(user -> logins.append(" user_%s=\"%s\"".formatted(user, password(user))));
        return logins.append(';').toString();
    }

    /** The settings of the administrator. */
    public Map<String, Object> administrator() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    /** Gives the users passwords for SCRAM: their names with {@code -secret}. */
    public void createScramUsers(List<String> users) {
        try (Admin admin = Admin.create(administrator())) {
            List<UserScramCredentialAlteration> credentials =
                    users.stream()
                            .<UserScramCredentialAlteration>map(SecureKafka::credential)
                            .toList();
            admin.alterUserScramCredentials(credentials).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static UserScramCredentialUpsertion credential(String user) {
        return new UserScramCredentialUpsertion(
                user,
                new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
                password(user));
    }

    /** The settings of a user that logs in with SCRAM and the user's own password. */
    public Map<String, Object> scram(String user) {
        return scram(user, password(user));
    }

    /** The settings of a user that logs in with SCRAM. */
    public Map<String, Object> scram(String user, String password) {
        return sasl(
                "SCRAM-SHA-512",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(user, password));
    }

    /** The settings of a user that logs in with PLAIN. */
    public Map<String, Object> plain(String user) {
        return sasl(
                "PLAIN",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(user, password(user)));
    }

    /** The settings of a user with an unsigned token. */
    public Map<String, Object> oauth(String user) {
        return sasl(
                "OAUTHBEARER",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"%s\";"
                        .formatted(user));
    }

    /** The settings of the user with the client certificate. */
    public Map<String, Object> certificate() {
        Map<String, Object> settings = tls("SSL", tlsPort);
        settings.put("ssl.keystore.location", client.store().toString());
        settings.put("ssl.keystore.password", client.password());
        return settings;
    }

    /** The store of the client certificate: as a trust store, it is the wrong one. */
    public SelfSigned clientCertificate() {
        return client;
    }

    @Override
    public void close() {
        kafka.close();
    }

    private Map<String, Object> sasl(String mechanism, String login) {
        Map<String, Object> settings = tls("SASL_SSL", saslPort);
        settings.put("sasl.mechanism", mechanism);
        settings.put("sasl.jaas.config", login);
        return settings;
    }

    private Map<String, Object> tls(String protocol, int port) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        settings.put("security.protocol", protocol);
        settings.put("ssl.truststore.location", broker.store().toString());
        settings.put("ssl.truststore.password", broker.password());
        return settings;
    }

    private static String password(String user) {
        return user + "-secret";
    }
}
