package dev.sluice.app.cli;

import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.config.Plans;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.AclPlan.Role;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sluice acls}: prints the rights that a role needs at the brokers. */
@Command(
        name = "acls",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the commands that give a user the rights of a role at the brokers, and no"
                    + " further ones.",
            "Add the login of an administrator to each: --command-config FILE."
        })
final class AclsCommand implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Parameters(
            paramLabel = "ROLE",
            description = "One of admission, worker, operator, publisher and reader.")
    private Role role = Role.ADMISSION;

    @Option(
            names = "--principal",
            required = true,
            paramLabel = "USER",
            description = "The user as the brokers know it, such as User:sluice-worker.")
    private String principal = "";

    @Option(
            names = "--owns",
            paramLabel = "START",
            description =
                    "For a worker, what its worker.slot begins with. For a reader, what its"
                            + " consumer group begins with.")
    private @Nullable String owns;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Logging.quiet();
        CommandSpec command = Objects.requireNonNull(spec);
        boolean isOwner = role == Role.WORKER || role == Role.READER;
        if (isOwner && (owns == null || owns.isEmpty())) {
            throw new ParameterException(
                    command.commandLine(),
                    "the role %s needs --owns, the start of %s"
                            .formatted(
                                    role.name().toLowerCase(Locale.ROOT),
                                    role == Role.WORKER
                                            ? "its worker.slot"
                                            : "its consumer groups"));
        }
        KafkaConnection kafka = Plans.kafkaForCommand(config.load());
        Map<ResourcePattern, List<AclBinding>> rights =
                new AclPlan(kafka.topics())
                        .of(role, principal, Objects.requireNonNullElse(owns, "")).stream()
                                .collect(
                                        Collectors.groupingBy(
                                                AclBinding::pattern,
                                                LinkedHashMap::new,
                                                Collectors.toList()));
        PrintWriter out = command.commandLine().getOut();
        rights.forEach((resource, bindings) -> out.println(line(kafka, resource, bindings)));
        out.flush();
        return 0;
    }

    private String line(
            KafkaConnection kafka, ResourcePattern resource, List<AclBinding> bindings) {
        StringBuilder line = new StringBuilder("kafka-acls.sh --bootstrap-server ");
        line.append(kafka.client().get("bootstrap.servers"));
        line.append(" --add --allow-principal ").append(quoted(principal));
        for (AclBinding binding : bindings) {
            line.append(" --operation ").append(binding.entry().operation().name());
        }
        line.append(
                switch (resource.resourceType()) {
                    case GROUP -> " --group ";
                    case TRANSACTIONAL_ID -> " --transactional-id ";
                    default -> " --topic ";
                });
        line.append(quoted(resource.name()));
        if (resource.patternType() == PatternType.PREFIXED) {
            line.append(" --resource-pattern-type prefixed");
        }
        return line.toString();
    }

    /** For a shell. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_.:=/@-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
