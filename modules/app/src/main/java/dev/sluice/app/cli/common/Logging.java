package dev.sluice.app.cli.common;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.sluice.app.config.SluiceConfig.Format;
import java.net.URL;
import org.slf4j.LoggerFactory;

/** Configures the format and the level of the log. */
public final class Logging {
    private Logging() {}

    /**
     * Sets the format of log lines. {@code auto} means plain text on a terminal, and JSON
     * otherwise.
     *
     * @param requests the share of requests whose calls and results are logged, from 0 to 1
     */
    public static void format(Format format, double requests) {
        boolean terminal = Terminal.isInteractive();
        String chosen =
                switch (format) {
                    case PLAIN -> "plain";
                    case JSON -> "json";
                    case AUTO -> terminal ? "plain" : "json";
                };
        System.setProperty("sluice.log.format", chosen);
        System.setProperty("sluice.log.requests", String.valueOf(requests));
        reload();
    }

    /** Logs Sluice's errors only. For commands whose standard output is data. */
    public static void quiet() {
        System.setProperty("sluice.log.level", "ERROR");
        System.setProperty("sluice.log.level.libraries", "OFF");
        reload();
    }

    private static void reload() {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        URL configuration = Logging.class.getResource("/logback.xml");
        if (configuration == null) {
            throw new IllegalStateException("logback.xml is missing from the class path");
        }
        context.reset();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(configuration);
        } catch (JoranException e) {
            throw new IllegalStateException("cannot configure logging", e);
        }
    }
}
