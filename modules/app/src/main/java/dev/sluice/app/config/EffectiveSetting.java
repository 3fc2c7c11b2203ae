package dev.sluice.app.config;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * A setting in force.
 *
 * @param value may be a secret: show {@link #shown} instead
 * @param origin where it stands: a file and line, a variable, or {@code default}
 */
public record EffectiveSetting(String key, String value, String origin) {
    private static final String MASK = "********";
    private static final String KAFKA = "kafka.";

    /** Parts of keys whose values are secrets, at Kafka's clients, their plugins, and here. */
    private static final Pattern SECRET =
            Pattern.compile(
                    "password|secret|jaas|token$|api-key$|user\\.info|credential|\\.key$"
                            + "|request\\.header\\.");

    /** Files, addresses and names, which are no secrets themselves. */
    private static final Pattern NO_SECRET =
            Pattern.compile("(location|file|url|uri|certificate|http\\.tls\\.key|source)$");

    private static final Pattern USER_INFO = Pattern.compile("//[^/@\\s]*@");

    /** The value, unless it is a secret; credentials in addresses are left out, too. */
    public String shown() {
        return isSecret() ? MASK : USER_INFO.matcher(value).replaceAll("//" + MASK + "@");
    }

    /** Whether nobody has set it. */
    public boolean isDefault() {
        return origin.equals("default");
    }

    private boolean isSecret() {
        String name = key.toLowerCase(Locale.ROOT);
        return (name.startsWith(KAFKA) && isPassword(name.substring(KAFKA.length())))
                || (SECRET.matcher(name).find() && !NO_SECRET.matcher(name).find());
    }

    /** Whether one of Kafka's clients treats it as a password. */
    private static boolean isPassword(String setting) {
        for (Map<String, ConfigDef.ConfigKey> keys :
                java.util.List.of(
                        ProducerConfig.configDef().configKeys(),
                        ConsumerConfig.configDef().configKeys(),
                        AdminClientConfig.configDef().configKeys())) {
            ConfigDef.ConfigKey known = keys.get(setting);
            if (known != null && known.type == ConfigDef.Type.PASSWORD) {
                return true;
            }
        }
        return false;
    }
}
