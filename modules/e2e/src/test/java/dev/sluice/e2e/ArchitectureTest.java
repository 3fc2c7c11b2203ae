package dev.sluice.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The allowed dependencies between modules and packages. */
@AnalyzeClasses(
        packages = "dev.sluice",
        importOptions = {ImportOption.DoNotIncludeTests.class})
class ArchitectureTest {
    private static final String OURS = "dev.sluice..";

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("dev.sluice.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule contract_depends_on_no_other_module =
            classes()
                    .that()
                    .resideInAPackage("dev.sluice.contract..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.sluice.contract..",
                            "java..",
                            "javax.net.ssl..",
                            "org.apache.avro..",
                            "org.apache.kafka..",
                            "com.fasterxml.jackson..",
                            "org.jspecify..",
                            "org.slf4j..");

    @ArchTest
    static final ArchRule analysis_depends_on_neither_Kafka_nor_other_modules =
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice.analysis..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "org.apache.avro..",
                            "dev.sluice.contract..",
                            "dev.sluice.runtime..",
                            "dev.sluice.admission..",
                            "dev.sluice.worker..",
                            "dev.sluice.app..");

    @ArchTest
    static final ArchRule evals_depend_on_analysis_only =
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice.evals..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "org.apache.avro..",
                            "dev.sluice.contract..",
                            "dev.sluice.runtime..",
                            "dev.sluice.admission..",
                            "dev.sluice.worker..",
                            "dev.sluice.app..");

    @ArchTest
    static final ArchRule only_the_adapters_depend_on_the_providers_SDKs =
            noClasses()
                    .that()
                    .resideInAPackage(OURS)
                    .and()
                    .resideOutsideOfPackage("dev.sluice.analysis.provider..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("com.openai..", "com.anthropic..");

    @ArchTest
    static final ArchRule admission_does_not_depend_on_the_worker =
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice.admission..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.sluice.worker..");

    @ArchTest
    static final ArchRule the_worker_does_not_depend_on_admission =
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice.worker..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.sluice.admission..");

    @ArchTest
    static final ArchRule runtime_depends_on_no_module_that_uses_it =
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice.runtime..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.sluice.admission..", "dev.sluice.worker..", "dev.sluice.app..");

    @ArchTest
    static final ArchRule simulator_depends_on_no_other_module =
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice.simulator..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.sluice.contract..",
                            "dev.sluice.analysis..",
                            "dev.sluice.runtime..",
                            "dev.sluice.app..",
                            "dev.sluice.devkit..");

    @ArchTest
    static final ArchRule the_service_depends_on_no_simulator_or_embedded_broker =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.sluice.app..",
                            "dev.sluice.worker..",
                            "dev.sluice.admission..",
                            "dev.sluice.runtime..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.sluice.devkit..", "dev.sluice.simulator..", "dev.sluice.demo..");
}
