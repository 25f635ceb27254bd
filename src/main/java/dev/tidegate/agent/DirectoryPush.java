package dev.tidegate.agent;

import dev.tidegate.client.GatewayConnection;
import java.io.IOException;

/** Pushes a directory. */
public final class DirectoryPush {

    /** Pushes over {@code connection}, which stays open. */
    public DirectoryPush(GatewayConnection connection) {}

    /**
     * Scans, reads what changed, uploads what is missing and publishes.
     *
     * @throws java.nio.file.NotDirectoryException if there is no such directory
     * @throws IOException if the directory or the local state cannot be read or written
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     * @throws dev.tidegate.client.CallInterruptedException if the thread was interrupted; the push is given up
     */
    public PushResult run(PushRequest request, PushListener listener) throws IOException {
        throw new UnsupportedOperationException("to come");
    }
}
