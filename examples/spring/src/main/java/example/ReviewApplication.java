package example;

import dev.sluice.contract.RequestPublisher;
import dev.sluice.contract.Topics;
import dev.sluice.contract.outcome.OutcomeReader;
import dev.sluice.results.SeoResult;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;

/** Has web pages reviewed, and takes the reviews. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class ReviewApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(ReviewApplication.class, arguments);
    }

    /** Closed with the application, after it has sent what it was given. */
    @Bean(destroyMethod = "close")
    RequestPublisher requestPublisher(SluiceProperties sluice) {
        return new RequestPublisher(
                new Topics(sluice.prefix()),
                Map.of(
                        "bootstrap.servers", sluice.brokers(),
                        "schema.registry.url", sluice.registry(),
                        "auto.register.schemas", false));
    }

    /** Opens a reader of outcomes, for {@link ReviewReader} to read and close. */
    @Bean
    Supplier<OutcomeReader<SeoResult>> outcomes(SluiceProperties sluice) {
        return () ->
                OutcomeReader.of(
                        SeoResult.class,
                        new Topics(sluice.prefix()),
                        "seo",
                        Map.of(
                                "bootstrap.servers", sluice.brokers(),
                                "schema.registry.url", sluice.registry(),
                                "group.id", sluice.group()));
    }
}
