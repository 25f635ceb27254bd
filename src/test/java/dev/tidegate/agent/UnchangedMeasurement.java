package dev.tidegate.agent;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an artifact costs in which nothing happens: FILES, and a directory to work in. */
public final class UnchangedMeasurement {

    private static final int ROUNDS = 20;

    private UnchangedMeasurement() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int files = Integer.parseInt(arguments[0]);
        Path base = Path.of(arguments[1]);
        Path source = Files.createDirectories(base.resolve("source"));
        for (int i = 0; i < files; i++) {
            Path directory = source.resolve("model_checkpoint_" + i / 1000);
            if (i % 1000 == 0) {
                Files.createDirectories(directory);
            }
            Files.writeString(directory.resolve("file " + i), "file " + i);
        }
        Files.createSymbolicLink(
                source.resolve("model.latest_checkpoint"), Path.of("model_checkpoint_" + (files - 1) / 1000));
        Thread.sleep(500);
        try (FakeGateway gateway = new FakeGateway();
                GatewayConnection connection = gateway.connect()) {
            for (SelectionRules rules : new SelectionRules[] {SelectionRules.EVERYTHING, SelectionRules.CHECKPOINTS}) {
                PushRequest request = PushRequest.of(source, "art_1").withRules(rules);
                DirectoryPush push = new DirectoryPush(connection, base.resolve("cache"));
                push.run(request, PushListener.NONE);
                measure(rules, "isUnchanged", () -> {
                    if (!push.isUnchanged(request)) {
                        throw new IllegalStateException("nothing has changed");
                    }
                });
                measure(rules, "run", () -> push.run(request, PushListener.NONE));
            }
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void measure(SelectionRules rules, String what, Action action) throws IOException {
        for (int i = 0; i < ROUNDS / 2; i++) {
            action.run();
        }
        long processor = processor();
        long begin = System.nanoTime();
        for (int i = 0; i < ROUNDS; i++) {
            action.run();
        }
        System.out.printf(
                "%-12s %-12s %6.1f ms, processor %6.1f ms%n",
                rules.pointers().isEmpty() ? "everything" : "checkpoints",
                what,
                (System.nanoTime() - begin) / 1e6 / ROUNDS,
                (processor() - processor) / (double) ROUNDS);
    }

    private static long processor() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    }
}
