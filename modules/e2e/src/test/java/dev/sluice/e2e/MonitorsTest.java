package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Virtual threads must not wait for monitors (ADR 58). */
class MonitorsTest {
    @Test
    void noCodeThatVirtualThreadsRunUsesMonitors() throws IOException {
        List<String> users = new ArrayList<>();
        int read = 0;
        for (JavaClass type :
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages(
                                "dev.sluice.analysis", "dev.sluice.runtime", "dev.sluice.worker")) {
            for (MethodModel method : parsed(type)) {
                read++;
                if (usesMonitor(method)) {
                    users.add(type.getName() + "." + method.methodName());
                }
            }
        }

        assertThat(read).isGreaterThan(1_000);
        assertThat(users).isEmpty();
    }

    private static List<MethodModel> parsed(JavaClass type) throws IOException {
        try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            return ClassFile.of().parse(bytes.readAllBytes()).methods();
        }
    }

    private static boolean usesMonitor(MethodModel method) {
        return method.flags().has(AccessFlag.SYNCHRONIZED)
                || method.code()
                        .map(code ->
                                code.elementStream()
                                        .map(CodeElement.class::cast)
                                        .anyMatch(MonitorInstruction.class::isInstance))
                        .orElse(false);
    }
}
