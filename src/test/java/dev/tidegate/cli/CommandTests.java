package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.testing.GatewayProcess;
import dev.tidegate.testing.Programs;
import dev.tidegate.testing.TidegateCommandLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of commands as a user runs them, against a gateway as a process of its own, which the tests of a class share. */
abstract class CommandTests {

    @TempDir
    static Path shared;

    static GatewayProcess gateway;

    @TempDir
    Path directory;

    TidegateCommandLine tidegate;

    @BeforeAll
    static void startGateway() {
        gateway = GatewayProcess.on(shared).start();
    }

    @AfterAll
    static void stopGateway() {
        gateway.close();
    }

    @BeforeEach
    final void prepareCommands() throws IOException {
        tidegate = commands(directory);
    }

    /** Commands that talk to the gateway, and remember what they do below {@code directory}. */
    static TidegateCommandLine commands(Path directory) throws IOException {
        return new TidegateCommandLine(Files.createDirectory(directory.resolve("commands")))
                .withEnvironment("TIDEGATE_GATEWAY", gateway.host() + ":" + gateway.grpcPort());
    }

    /** Copies a tree as it is: modes, times, links. */
    static void copy(Path from, Path to) throws IOException {
        assertThat(Programs.succeeds("cp", "-a", from.toString(), to.toString()))
                .isTrue();
    }
}
