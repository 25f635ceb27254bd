package dev.tidegate.gateway.usage;

import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.UsageTable;
import dev.tidegate.catalog.Usages;
import dev.tidegate.gateway.ingest.Slots;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Measures what snapshots take. Calls block. */
@ApplicationScoped
public class UsageMeter {

    private final UsageConfig config;
    private final Usages usages;
    private final NodeStore nodes;
    private final Slots slots;

    UsageMeter(UsageConfig config, Usages usages, NodeStore nodes) {
        this.config = config;
        this.usages = usages;
        this.nodes = nodes;
        this.slots = new Slots(config.concurrent(), Slots.FEW_WORDS);
    }

    /** Is told how far it is, often. */
    @FunctionalInterface
    public interface Progress {
        /** Takes how many snapshots have been walked, and how many there are; what it throws ends the measurement. */
        void at(long done, long total);
    }

    /**
     * What snapshots take.
     *
     * @param snapshots what was measured, in the order of the places of {@code sums}
     * @param sums the bytes
     * @param compared how many other snapshots there were to compare with
     */
    public record Measured(List<Snapshot> snapshots, UsageTable.Sums sums, long compared) {}

    /** One for each measurement that may be made. */
    public Slots slots() {
        return slots;
    }

    /**
     * Measures snapshots.
     *
     * @param chains of each artifact those to be measured, by ascending number; none of them empty
     * @param within whose snapshots and layers these are compared with; all of the organisation if empty
     */
    public Measured measure(
            OrganisationId organisation, List<List<Snapshot>> chains, List<ArtifactId> within, Progress progress) {
        try (UsageTable table = usages.open(organisation, config.rows(), config.statement())) {
            return new Measurement(organisation, within, usages, nodes, config, table, progress).of(chains);
        }
    }
}
