package dev.tidegate.gateway;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.RecordCursor;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Reads chunks by their digests: the index says where they are, the store has them. */
@ApplicationScoped
public class ChunkReader {

    private static final Codecs CODECS = new Codecs();

    private final ChunkIndex index;
    private final PackStore store;

    ChunkReader(ChunkIndex index, PackStore store) {
        this.index = index;
        this.store = store;
    }

    /** Reads chunks in the order asked for. The cursor blocks: it is for a thread that may. */
    Uni<RecordCursor> read(OrganisationId organisation, List<Digest> digests) {
        return index.locate(organisation, digests)
                .map(located -> store.readAll(
                        located.stream().map(IndexedChunk::request).toList()));
    }

    /** Reads the root of a tree, for what the tree holds. The result comes on the Vert.x context of the caller. */
    Uni<TreeRoot> root(OrganisationId organisation, Digest root) {
        Context context = Vertx.currentContext();
        return index.locate(organisation, List.of(root))
                .chain(located -> Uni.createFrom()
                        .completionStage(() -> context.executeBlocking(
                                        () -> CODECS.decode(
                                                store.read(located.getFirst().request())),
                                        false)
                                .toCompletionStage()))
                .map(node -> new TreeReader(references -> List.of(node)).describe(root));
    }
}
