package dev.tidegate.agent;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import java.io.IOException;
import java.nio.file.Path;

/** Pushes a directory and pulls it, for measurements: ADDRESS SOURCE TARGET STATE. */
public final class PushPullMeasurement {

    private PushPullMeasurement() {}

    public static void main(String[] arguments) throws IOException {
        Path state = Path.of(arguments[3]);
        try (GatewayConnection connection =
                GatewayConnection.open(GatewayAddress.parse(arguments[0]), RetryPolicy.PATIENT)) {
            DirectoryPush push = new DirectoryPush(connection, state.resolve("push"));
            PushResult pushed = push.run(PushRequest.of(Path.of(arguments[1]), "art_1"), PushListener.NONE);
            print("first push   ", pushed.statistics());
            print(
                    "second push  ",
                    push.run(PushRequest.of(Path.of(arguments[1]), "art_1"), PushListener.NONE)
                            .statistics());
            Materialiser materialiser = new Materialiser(connection, state.resolve("pull"));
            print(
                    "pull         ",
                    materialiser.pull(PullRequest.of(pushed.snapshot(), Path.of(arguments[2])), PullListener.NONE));
            print(
                    "second pull  ",
                    materialiser.pull(PullRequest.of(pushed.snapshot(), Path.of(arguments[2])), PullListener.NONE));
            System.out.println(
                    "verify       " + materialiser.verify(pushed.snapshot(), Path.of(arguments[2]), PullListener.NONE));
        }
    }

    private static void print(String phase, Object statistics) {
        long used =
                ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
        System.out.println(phase + "(processor " + used + " ms so far) " + statistics);
    }
}
