package dev.tidegate.demo;

import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushResult;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.manifest.Change;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;

/** Is told what the demo does, in this order, by one thread. */
public interface DemoObserver {

    /** Everything will be below {@code directory}. */
    void begins(Path directory) throws IOException;

    /** The tree to push is there, and the gateway accepts connections. */
    void ready(GatewayAddress gateway, Duration start, Path tree, SampleRun.Size size) throws IOException;

    /** What was changed, before each push; it is told the push's progress. */
    PushListener pushes(String change) throws IOException;

    /** A push ended. */
    void pushed(PushResult result) throws IOException;

    /** All pushes ended; a pull begins, of whose progress it is told. */
    PullListener pulls(String snapshot, Path directory) throws IOException;

    /** The pull ended. */
    void pulled(PullStatistics result) throws IOException;

    /** The pulled directory was compared with a copy that was made when the snapshot was pushed. */
    void compared(TreeComparison.Result result, Path copy) throws IOException;

    /** What differs between two snapshots; read as it is taken. */
    void differs(String before, String after, Iterator<Change> changes) throws IOException;

    /** A job of {@code ranks} ranks begins, each under an agent, in directories below {@code directory}. */
    void trains(Path directory, int ranks) throws IOException;

    /** A rank printed a line. */
    void prints(int rank, String line) throws IOException;

    /**
     * All ranks have ended, and everything that they wrote is safe.
     *
     * @param newest the newest snapshot of each of the four artifacts, by their types
     */
    void trained(Map<String, Snapshot> newest) throws IOException;

    /** Everything is done; the gateway still runs. */
    void ends(GatewayAddress gateway, Path directory, Path dataDirectory) throws IOException;
}
