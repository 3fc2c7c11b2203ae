package example;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings under {@code sluice} in application.yaml.
 *
 * @param brokers {@code bootstrap.servers}
 * @param registry address of the schema registry
 * @param prefix what all topic names begin with ({@code topics.prefix} of the service)
 * @param group the consumer group of this application
 */
@ConfigurationProperties("sluice")
public record SluiceProperties(String brokers, String registry, String prefix, String group) {}
