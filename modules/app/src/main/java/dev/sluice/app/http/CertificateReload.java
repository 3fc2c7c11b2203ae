package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings.TlsFiles;
import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the certificate again when its files change, so that a renewed one is used without a
 * restart. One that cannot be used is logged, and the earlier one stays.
 */
final class CertificateReload implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CertificateReload.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final TlsFiles files;
    private final SslContextFactory.Server tls;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** The files that are in use, and the last ones that were not usable. */
    private List<FileTime> used;

    private List<FileTime> rejected = List.of();

    /**
     * @param used the version of the files that are in use
     */
    CertificateReload(TlsFiles files, SslContextFactory.Server tls, List<FileTime> used) {
        this.files = files;
        this.tls = tls;
        this.used = used;
    }

    void start() {
        var _ = Thread.ofVirtual().name("http-certificate").start(this::run);
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void run() {
        try {
            while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads the certificate if other files are there than those in use. */
    void look() {
        List<FileTime> current = version(files);
        if (current.equals(used)) {
            return;
        }
        try {
            var context = Certificate.presenting(files);
            tls.reload(factory -> factory.setSslContext(context));
            used = current;
            log.atInfo()
                    .addKeyValue("path", files.certificate())
                    .log("the certificate of the HTTP endpoints was read again");
        } catch (Exception e) {
            // One of the two files may be written later than the other: the next look tries again.
            if (!current.equals(rejected)) {
                rejected = current;
                log.atWarn()
                        .addKeyValue("path", files.certificate())
                        .addKeyValue("reason", e.getMessage())
                        .log("the changed certificate cannot be used yet; the earlier one stays");
            }
        }
    }

    /** When the files were last changed; empty while one is being replaced. */
    static List<FileTime> version(TlsFiles files) {
        try {
            return Certificate.version(files);
        } catch (IOException e) {
            return List.of();
        }
    }
}
