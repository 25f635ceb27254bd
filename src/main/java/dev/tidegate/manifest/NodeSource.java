package dev.tidegate.manifest;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Where readers get nodes from.
 *
 * <p>Whoever implements this verifies: each buffer's bytes hash to the digest that was asked for. Readers check
 * everything else. Calls block, may come from several threads at once, and may be repeated.
 */
@FunctionalInterface
public interface NodeSource {

    /**
     * Reads nodes.
     *
     * @param references at least one, at most 256 nodes of kind {@code TREE_NODE} or {@code FILE_NODE}
     * @return the plaintext of the first nodes of {@code references}, in their order: at least one, and not necessarily
     *     all. A source that has to bound its memory returns fewer, and is asked again for the others when they are needed.
     *     Each buffer holds its node from position to limit, and nobody changes its content
     * @throws ManifestException.NodeUnavailable if the source does not have the first of the nodes. That a later one is
     *     missing may be thrown as well, or shown by returning those before it
     * @throws RuntimeException any other failure of the implementation; readers pass it on as it is
     */
    List<ByteBuffer> read(List<ChunkReference> references);
}
