package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings.TlsFiles;
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
    private List<FileTime> version;

    CertificateReload(TlsFiles files, SslContextFactory.Server tls) {
        this.files = files;
        this.tls = tls;
        this.version = version();
    }

    static CertificateReload start(TlsFiles files, SslContextFactory.Server tls) {
        CertificateReload reload = new CertificateReload(files, tls);
        var _ = Thread.ofVirtual().name("http-certificate").start(reload::run);
        return reload;
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

    /** Reads the certificate if its files have changed since the last look. */
    void look() {
        List<FileTime> current = version();
        if (current.equals(version)) {
            return;
        }
        version = current;
        try {
            var context = Certificate.presenting(files);
            tls.reload(factory -> factory.setSslContext(context));
            log.atInfo()
                    .addKeyValue("file", files.certificate())
                    .log("the certificate of the HTTP endpoints was read again");
        } catch (Exception e) {
            log.atWarn()
                    .addKeyValue("file", files.certificate())
                    .addKeyValue("reason", e.getMessage())
                    .log("the changed certificate cannot be used; the earlier one stays");
        }
    }

    /** Empty while a file is being replaced. */
    private List<FileTime> version() {
        try {
            return Certificate.version(files);
        } catch (java.io.IOException e) {
            return List.of();
        }
    }
}
