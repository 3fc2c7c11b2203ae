package dev.sluice.devkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A self-signed certificate with its key, in a PKCS12 store. The store is also the trust store of
 * those who trust it.
 *
 * @param password of the store and of the key
 */
public record SelfSigned(Path store, String password) {
    private static final String ALIAS = "sluice";

    /**
     * Creates a store.
     *
     * @param store the file to create
     * @param host the host, a name or an address, that the certificate is for
     */
    public static SelfSigned create(Path store, String host) {
        boolean isAddress = Character.isDigit(host.charAt(0));
        SelfSigned created = new SelfSigned(store, "store-password");
        run(
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + host,
                "-ext",
                "san=" + (isAddress ? "ip:" : "dns:") + host,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                created.password());
        return created;
    }

    /** The certificate as PEM text. */
    public String certificatePem() {
        try {
            return pem("CERTIFICATE", loaded().getCertificate(ALIAS).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the store has no certificate", e);
        }
    }

    /** The key as PEM text, not encrypted. */
    public String keyPem() {
        try {
            return pem("PRIVATE KEY", loaded().getKey(ALIAS, password.toCharArray()).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the store has no key", e);
        }
    }

    private KeyStore loaded() throws GeneralSecurityException {
        try (InputStream file = Files.newInputStream(store)) {
            KeyStore loaded = KeyStore.getInstance("PKCS12");
            loaded.load(file, password.toCharArray());
            return loaded;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + store, e);
        }
    }

    private static String pem(String type, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }

    private static void run(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run keytool", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        }
    }
}
