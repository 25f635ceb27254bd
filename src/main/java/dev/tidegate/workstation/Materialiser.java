package dev.tidegate.workstation;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Path;

/** Puts snapshots into directories and compares them. */
public final class Materialiser {

    /** Reads over {@code connection}, which stays open. */
    public Materialiser(GatewayConnection connection) {}

    /**
     * Makes the directory hold what the snapshot holds.
     *
     * @throws PullRefusedException if something in the directory forbids it
     * @throws IOException if the directory cannot be read or written
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     * @throws dev.tidegate.client.CallInterruptedException if the thread was interrupted; whole files stay
     */
    public PullStatistics pull(PullRequest request, PullListener listener) throws IOException {
        throw new UnsupportedOperationException("to come");
    }

    /**
     * Compares a directory with a snapshot: names, types, sizes, permissions, link targets and every byte.
     *
     * @throws IOException if the directory itself cannot be read
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     */
    public Verification verify(Snapshot snapshot, Path directory, PullListener listener) throws IOException {
        throw new UnsupportedOperationException("to come");
    }
}
