package dev.tidegate.client;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.v1.ErrorReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Nodes from the gateway, checked against their digests, the ones used last in a cache. */
final class RemoteNodeSource implements NodeSource {

    /** The bytes of the nodes that are kept, without what their keys take. */
    private static final int CACHE_BYTES = 16 << 20;

    /** After so many bytes one call reads no more, whatever was asked for: nodes may have up to 2 MiB each. */
    private static final int CALL_BYTES = 4 << 20;

    private final ChunkDownloader downloader;
    private final Map<Digest, ByteBuffer> cache = new LinkedHashMap<>(256, 0.75f, true);
    private long cachedBytes;

    RemoteNodeSource(ChunkDownloader downloader) {
        this.downloader = downloader;
    }

    @Override
    public List<ByteBuffer> read(List<ChunkReference> references) {
        Map<Digest, ByteBuffer> found = lookUp(references);
        List<Digest> wanted = references.stream()
                .map(ChunkReference::digest)
                .distinct()
                .filter(digest -> !found.containsKey(digest))
                .toList();
        if (!wanted.isEmpty()) {
            load(wanted, found, references);
        }
        List<ByteBuffer> nodes = new ArrayList<>(references.size());
        for (ChunkReference reference : references) {
            ByteBuffer node = found.get(reference.digest());
            if (node == null) {
                break;
            }
            nodes.add(node.duplicate());
        }
        return nodes;
    }

    private void load(List<Digest> wanted, Map<Digest, ByteBuffer> found, List<ChunkReference> references) {
        long[] bytes = {0};
        try {
            downloader.fetch(wanted, (index, plaintext) -> {
                Digest digest = wanted.get(index);
                ByteBuffer node = ChunkDownloader.copy(plaintext).asReadOnlyBuffer();
                found.put(digest, node);
                keep(digest, node);
                bytes[0] += node.remaining();
                return bytes[0] < CALL_BYTES;
            });
        } catch (GatewayException refused) {
            ChunkReference first = references.getFirst();
            if (refused.reason() != ErrorReason.ERROR_REASON_CHUNK_NOT_FOUND) {
                throw refused;
            }
            if (!found.containsKey(first.digest())) {
                throw new ManifestException.NodeUnavailable(first);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("the sink above throws none", impossible);
        }
    }

    private synchronized Map<Digest, ByteBuffer> lookUp(List<ChunkReference> references) {
        Map<Digest, ByteBuffer> found = new HashMap<>();
        for (ChunkReference reference : references) {
            ByteBuffer node = cache.get(reference.digest());
            if (node != null) {
                found.put(reference.digest(), node);
            }
        }
        return found;
    }

    private synchronized void keep(Digest digest, ByteBuffer node) {
        if (cache.put(digest, node) == null) {
            cachedBytes += node.remaining();
        }
        Iterator<ByteBuffer> eldest = cache.values().iterator();
        while (cachedBytes > CACHE_BYTES && eldest.hasNext()) {
            cachedBytes -= eldest.next().remaining();
            eldest.remove();
        }
    }
}
