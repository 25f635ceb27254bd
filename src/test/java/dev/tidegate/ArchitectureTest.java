package dev.tidegate;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.jspecify.annotations.NullMarked;

/** Holds the arrows between the packages: they point downwards only. */
@AnalyzeClasses(packages = "dev.tidegate", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    private static final String[] CLIENTS = {
        "dev.tidegate.wire..",
        "dev.tidegate.client..",
        "dev.tidegate.agent..",
        "dev.tidegate.files..",
        "dev.tidegate.workstation..",
        "dev.tidegate.launch..",
        "dev.tidegate.toml..",
        "dev.tidegate.home..",
        "dev.tidegate.config..",
        "dev.tidegate.terminal..",
        "dev.tidegate.demo..",
        "dev.tidegate.cli..",
    };

    private static final String[] PLAIN = {"java..", "javax..", "org.jspecify.."};

    /** A capability may use those that are named, and itself. Not every capability exists yet. */
    @ArchTest
    static final ArchRule arrowsPointDownwards = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("content")
            .definedBy("dev.tidegate.content..")
            .layer("manifest")
            .definedBy("dev.tidegate.manifest..")
            .layer("checkpoint")
            .definedBy("dev.tidegate.checkpoint..")
            .layer("wire")
            .definedBy("dev.tidegate.wire..")
            .layer("store")
            .definedBy("dev.tidegate.store..")
            .layer("postgres")
            .definedBy("dev.tidegate.postgres..")
            .layer("catalog")
            .definedBy("dev.tidegate.catalog..")
            .layer("gateway")
            .definedBy("dev.tidegate.gateway..")
            .layer("trace")
            .definedBy("dev.tidegate.trace..")
            .layer("console")
            .definedBy("dev.tidegate.console..")
            .layer("client")
            .definedBy("dev.tidegate.client..")
            .layer("materialise")
            .definedBy("dev.tidegate.materialise..")
            .layer("agent")
            .definedBy("dev.tidegate.agent..")
            .layer("workstation")
            .definedBy("dev.tidegate.workstation..")
            .layer("launch")
            .definedBy("dev.tidegate.launch..")
            .layer("toml")
            .definedBy("dev.tidegate.toml..")
            .layer("home")
            .definedBy("dev.tidegate.home..")
            .layer("config")
            .definedBy("dev.tidegate.config..")
            .layer("terminal")
            .definedBy("dev.tidegate.terminal..")
            .layer("demo")
            .definedBy("dev.tidegate.demo..")
            .layer("cli")
            .definedBy("dev.tidegate.cli..")
            .whereLayer("content")
            .mayNotAccessAnyLayer()
            .whereLayer("manifest")
            .mayOnlyAccessLayers("content")
            .whereLayer("checkpoint")
            .mayOnlyAccessLayers("content", "manifest")
            .whereLayer("wire")
            .mayOnlyAccessLayers("content")
            .whereLayer("store")
            .mayOnlyAccessLayers("content")
            .whereLayer("postgres")
            .mayNotAccessAnyLayer()
            .whereLayer("catalog")
            .mayOnlyAccessLayers("content", "manifest", "store")
            .whereLayer("gateway")
            .mayOnlyAccessLayers("content", "manifest", "checkpoint", "wire", "store", "postgres", "catalog", "trace")
            .whereLayer("console")
            .mayOnlyAccessLayers("content", "manifest", "store", "catalog", "gateway")
            .whereLayer("trace")
            .mayNotAccessAnyLayer()
            .whereLayer("client")
            .mayOnlyAccessLayers("content", "manifest", "wire", "trace")
            .whereLayer("materialise")
            .mayOnlyAccessLayers("content", "manifest", "client", "home")
            .whereLayer("agent")
            .mayOnlyAccessLayers("content", "manifest", "checkpoint", "client", "home", "materialise", "trace")
            .whereLayer("workstation")
            .mayOnlyAccessLayers("content", "manifest", "client", "materialise")
            .whereLayer("toml")
            .mayNotAccessAnyLayer()
            .whereLayer("home")
            .mayNotAccessAnyLayer()
            .whereLayer("launch")
            .mayOnlyAccessLayers("toml")
            .whereLayer("config")
            .mayOnlyAccessLayers("client", "home", "toml")
            .whereLayer("terminal")
            .mayNotAccessAnyLayer()
            .whereLayer("demo")
            .mayOnlyAccessLayers("content", "manifest", "client", "materialise", "agent", "workstation");

    @ArchTest
    static final ArchRule catalogUsesOnlyValuesOfTheStore = noClasses()
            .that()
            .resideInAPackage("dev.tidegate.catalog..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.tidegate.store..")
                    .and(JavaClass.Predicates.INTERFACES)
                    .or(resideInAnyPackage("dev.tidegate.store.file..", "dev.tidegate.store.s3..")))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule contentIsPlainJava = onlyDependsOn("content", "com.github.luben.zstd..");

    @ArchTest
    static final ArchRule manifestIsPlainJava = onlyDependsOn("manifest", "dev.tidegate.content..");

    @ArchTest
    static final ArchRule checkpointIsPlainJava =
            onlyDependsOn("checkpoint", "dev.tidegate.content..", "dev.tidegate.manifest..");

    @ArchTest
    static final ArchRule launchIsPlainJava = onlyDependsOn("launch", "dev.tidegate.toml..", "org.tomlj..");

    @ArchTest
    static final ArchRule postgresIsPlainJava =
            onlyDependsOn("postgres", "org.apache.commons.compress..", "org.tukaani.xz..");

    @ArchTest
    static final ArchRule onlyTracesKnowOpenTelemetryInAClient =
            onlyDependsOn("trace", "io.grpc..", "io.opentelemetry..");

    @ArchTest
    static final ArchRule onlyTheGatewayKnowsQuarkus = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.tidegate.content..",
                    "dev.tidegate.manifest..",
                    "dev.tidegate.checkpoint..",
                    "dev.tidegate.store..",
                    "dev.tidegate.postgres..",
                    "dev.tidegate.wire..",
                    "dev.tidegate.trace..",
                    "dev.tidegate.client..",
                    "dev.tidegate.materialise..",
                    "dev.tidegate.agent..",
                    "dev.tidegate.workstation..",
                    "dev.tidegate.launch..",
                    "dev.tidegate.toml..",
                    "dev.tidegate.home..",
                    "dev.tidegate.config..",
                    "dev.tidegate.terminal..",
                    "dev.tidegate.demo..",
                    "dev.tidegate.cli..")
            .and()
            .areNotAnnotatedWith(QuarkusMain.class)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "io.vertx..", "io.smallrye.mutiny..", "org.hibernate..", "jakarta..")
            .allowEmptyShould(true);

    /** What another library needs to be found: its name in the launcher's class path. */
    @ArchTest
    static final ArchRule clientsUseOnlyLibrariesOfTheLauncher = classes()
            .that()
            .resideInAnyPackage(CLIENTS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax..",
                    "jdk..",
                    "sun.misc..",
                    "org.jspecify..",
                    "dev.tidegate..",
                    "com.fasterxml.jackson.core..",
                    "com.github.luben..",
                    "com.google..",
                    "picocli..",
                    "io.grpc..",
                    "io.netty..",
                    "io.perfmark..",
                    "org.tomlj..",
                    "org.jboss.logmanager..");

    @ArchTest
    static final ArchRule packagesSayWhatIsNull = classes()
            .that()
            .haveSimpleName("package-info")
            .and()
            .resideOutsideOfPackage("dev.tidegate.v1..")
            .should()
            .beAnnotatedWith(NullMarked.class);

    private static ArchRule onlyDependsOn(String capability, String... libraries) {
        String[] allowed = new String[PLAIN.length + libraries.length + 1];
        System.arraycopy(PLAIN, 0, allowed, 0, PLAIN.length);
        System.arraycopy(libraries, 0, allowed, PLAIN.length, libraries.length);
        allowed[allowed.length - 1] = "dev.tidegate." + capability + "..";
        return classes()
                .that()
                .resideInAPackage("dev.tidegate." + capability + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(true);
    }
}
