package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings.TlsFiles;
import dev.sluice.app.config.InvalidConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificate of the HTTP endpoints, read from PEM files. */
public final class Certificate {
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    /** Of a store that is in memory only. */
    private static final char[] NO_PASSWORD = new char[0];

    private Certificate() {}

    /**
     * TLS that presents the certificate.
     *
     * @throws InvalidConfigException if a file cannot be read or has no such content, or the key is
     *     not the certificate's
     */
    static SSLContext presenting(TlsFiles files) {
        List<X509Certificate> chain = chain(files);
        PrivateKey key = key(files, chain.getFirst().getPublicKey());
        try {
            KeyStore store = empty();
            store.setKeyEntry("http", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw problem("http.tls.certificate and http.tls.key cannot be used", e);
        }
    }

    /**
     * TLS of a client that trusts this certificate only.
     *
     * @throws InvalidConfigException if the file cannot be read or has no certificate
     */
    public static SSLContext trusting(TlsFiles files) {
        List<X509Certificate> chain = chain(files);
        try {
            KeyStore store = empty();
            store.setCertificateEntry("http", chain.getFirst());
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw problem("http.tls.certificate cannot be used", e);
        }
    }

    /** When the files were last changed. */
    static List<FileTime> version(TlsFiles files) throws IOException {
        return List.of(
                Files.getLastModifiedTime(files.certificate()),
                Files.getLastModifiedTime(files.key()));
    }

    private static List<X509Certificate> chain(TlsFiles files) {
        byte[] text =
                text("http.tls.certificate", files.certificate()).getBytes(StandardCharsets.UTF_8);
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text))
                    .forEach(certificate -> chain.add((X509Certificate) certificate));
        } catch (GeneralSecurityException e) {
            throw problem("http.tls.certificate must be a PEM file", e);
        }
        if (chain.isEmpty()) {
            throw new InvalidConfigException(
                    List.of("http.tls.certificate has no certificate: " + files.certificate()));
        }
        return chain;
    }

    private static PrivateKey key(TlsFiles files, PublicKey publicKey) {
        Matcher found = KEY.matcher(text("http.tls.key", files.key()));
        if (!found.find()) {
            throw new InvalidConfigException(
                    List.of(
                            "http.tls.key must be a PEM file in PKCS 8 (BEGIN PRIVATE KEY), not"
                                    + " encrypted: openssl pkcs8 -topk8 -nocrypt makes one"));
        }
        try {
            PrivateKey key =
                    KeyFactory.getInstance(publicKey.getAlgorithm())
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            Base64.getMimeDecoder().decode(found.group(1))));
            if (!fit(key, publicKey)) {
                throw new InvalidConfigException(
                        List.of("http.tls.key is not the key of http.tls.certificate"));
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw problem("http.tls.key is not the key of http.tls.certificate", e);
        }
    }

    /** Whether the public key verifies what the private key signs. */
    private static boolean fit(PrivateKey key, PublicKey publicKey)
            throws GeneralSecurityException {
        String algorithm =
                switch (publicKey.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> publicKey.getAlgorithm();
                };
        byte[] text = "sluice".getBytes(StandardCharsets.UTF_8);
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(text);
        return signature.verify(signed);
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static String text(String key, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidConfigException(List.of(key + " cannot be read: " + e));
        }
    }

    private static InvalidConfigException problem(String words, Exception reason) {
        return new InvalidConfigException(List.of(words + ": " + reason.getMessage()));
    }
}
