package dev.tidegate.client;

import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.NodeSource;
import java.nio.ByteBuffer;
import java.util.List;

/** Nodes from the gateway. */
final class RemoteNodeSource implements NodeSource {

    RemoteNodeSource(ChunkDownloader downloader) {}

    @Override
    public List<ByteBuffer> read(List<ChunkReference> references) {
        throw new UnsupportedOperationException("to come");
    }
}
