package dev.sluice.bench.calls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes a self-signed certificate for localhost, for one run. */
final class Certificate {
    static final String PASSWORD = "secret";

    private Certificate() {}

    /** The key store that the server presents and that clients trust. */
    static Path make() throws IOException, InterruptedException {
        Path store = Files.createTempDirectory("bench").resolve("localhost.p12");
        int status =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "localhost",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
        if (status != 0) {
            throw new IOException("keytool failed");
        }
        return store;
    }

    /** JVM flags of a client that trusts the key store. */
    static List<String> trust(Path store) {
        return List.of(
                "-Djavax.net.ssl.trustStore=" + store,
                "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }
}
