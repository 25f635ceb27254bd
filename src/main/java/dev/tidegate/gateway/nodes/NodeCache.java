package dev.tidegate.gateway.nodes;

import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The nodes that were read last, up to a number of bytes. Thread-safe. */
final class NodeCache {

    private record Key(OrganisationId organisation, Digest digest) {}

    private final long limit;
    private final Map<Key, ByteBuffer> nodes = new LinkedHashMap<>(256, 0.75f, true);
    private long bytes;

    /** Keeps at most {@code limit} bytes, without what their keys take. */
    NodeCache(long limit) {
        this.limit = limit;
    }

    /** Returns a node, or null if it is not here. */
    synchronized @Nullable ByteBuffer get(OrganisationId organisation, Digest digest) {
        ByteBuffer node = nodes.get(new Key(organisation, digest));
        return node == null ? null : node.duplicate();
    }

    /** Keeps a node, whose bytes nobody changes. */
    synchronized void put(OrganisationId organisation, Digest digest, ByteBuffer node) {
        if (nodes.put(new Key(organisation, digest), node.asReadOnlyBuffer()) == null) {
            bytes += node.remaining();
        }
        Iterator<ByteBuffer> eldest = nodes.values().iterator();
        while (bytes > limit && eldest.hasNext()) {
            bytes -= eldest.next().remaining();
            eldest.remove();
        }
    }
}
