package dev.tidegate.gateway.files;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The trees of snapshots and the bytes of their files. Calls block. */
@ApplicationScoped
public class SnapshotFiles {

    /** One read of nodes takes at most so many bytes. */
    private static final long NODE_BYTES = 1 << 20;

    private final NodeStore nodes;
    private final ChunkIndex index;
    private final PackStore store;
    private final GatewayMetrics metrics;
    private final Slots slots;

    SnapshotFiles(FilesConfig config, NodeStore nodes, ChunkIndex index, PackStore store, GatewayMetrics metrics) {
        this.nodes = nodes;
        this.index = index;
        this.store = store;
        this.metrics = metrics;
        this.slots = new Slots(config.streams(), Slots.FEW_WORDS);
    }

    /** One for each reader that there may be at a time. */
    public Slots slots() {
        return slots;
    }

    /**
     * Finds what stands at a path.
     *
     * @param root of the snapshot's tree
     * @param path null for the root
     * @param follow whether links on the way and at its end are followed
     * @throws FileException if there is nothing, or a link that is not or cannot be followed
     */
    public Found find(OrganisationId organisation, Digest root, @Nullable TreePath path, boolean follow) {
        return new PathLookup(new TreeReader(source(organisation)), root).find(path, follow);
    }

    /** Lists what stands directly in a directory, in the order of the paths. */
    public Iterator<PathEntry> list(OrganisationId organisation, Digest root, @Nullable TreePath directory) {
        return new TreeReader(source(organisation)).list(root, directory);
    }

    /** Lists everything below a directory, in the order of the paths. */
    public Iterator<PathEntry> below(OrganisationId organisation, Digest root, @Nullable TreePath directory) {
        return new TreeReader(source(organisation)).listRecursively(root, directory);
    }

    /**
     * Opens a range of a file. No chunk outside of it is read.
     *
     * @param from the first byte, from 0 to the size
     * @param to behind the last byte, from {@code from} to the size
     */
    public FileBytes open(OrganisationId organisation, Entry.RegularFile file, long from, long to) {
        return new FileBytes(
                organisation,
                index,
                store,
                metrics,
                from == to ? Collections.emptyIterator() : new ContentReader(source(organisation)).chunks(file, from),
                from,
                to);
    }

    private NodeSource source(OrganisationId organisation) {
        return nodes.source(organisation, NODE_BYTES);
    }
}
