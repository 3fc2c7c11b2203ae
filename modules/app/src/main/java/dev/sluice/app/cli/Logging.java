package dev.sluice.app.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.sluice.app.config.SluiceConfig.Format;
import java.net.URL;
import org.slf4j.LoggerFactory;

/** Chooses how log lines look. */
public final class Logging {
    private Logging() {}

    /** JSON for machines, plain for people; {@code auto} looks whether there is a terminal. */
    public static void format(Format format) {
        boolean terminal = Terminal.isInteractive();
        String chosen =
                switch (format) {
                    case PLAIN -> "plain";
                    case JSON -> "json";
                    case AUTO -> terminal ? "plain" : "json";
                };
        System.setProperty("sluice.log.format", chosen);
        reload();
    }

    /** Only Sluice's own errors: for commands whose output is something else. */
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
