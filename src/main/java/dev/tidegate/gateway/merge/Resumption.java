package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.CatalogException;
import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.NewExperiment;
import dev.tidegate.catalog.NewExperiment.Start;
import dev.tidegate.catalog.Pushes;
import dev.tidegate.catalog.Resumes;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.OwnPush;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jboss.logging.Logger;

/**
 * Creates experiments that start with what others have left.
 *
 * <p>A merge happens outside of any transaction: its nodes are stored for a push, its report is written in batches that nobody
 * sees. One transaction then makes the experiment, its artifacts, their first snapshots and the report. So a crash at any
 * moment leaves all of it or nothing but what the keeper of unfinished things forgets. Calls block.
 */
@ApplicationScoped
public class Resumption {

    private static final Logger LOG = Logger.getLogger(Resumption.class);

    private final ResumeInputs inputs;
    private final InputMerger merger;
    private final Experiments experiments;
    private final Pushes pushes;
    private final Resumes resumes;

    Resumption(ResumeInputs inputs, InputMerger merger, Experiments experiments, Pushes pushes, Resumes resumes) {
        this.inputs = inputs;
        this.merger = merger;
        this.experiments = experiments;
        this.pushes = pushes;
        this.resumes = resumes;
    }

    /** A report that is kept. */
    public interface StoredReport extends ResumeReport {
        /** Returns once all that was told is written. */
        void flush();
    }

    /**
     * Tells what a resume would come to; nothing is written. The caller holds one of {@link MergeSlots}.
     *
     * @throws CatalogException for what is named and is not there, or does not go together
     * @throws MergeException for what cannot be merged; collisions are no failure
     */
    public ResumeOutcome plan(
            OrganisationId organisation, List<ResumeInput> wanted, ResumeRules rules, ResumeReport report) {
        return merger.merge(organisation, inputs.resolve(organisation, wanted), rules, null, report);
    }

    /**
     * Creates an experiment; of what was found it keeps a report. The caller holds one of {@link MergeSlots}.
     *
     * @param wanted with the digest of inputs and rules
     * @param averageChunk gives the average chunk length of artifacts that start empty, in bytes
     * @param reports makes the report that is kept under an id
     * @param result what the report says in the end
     * @return the experiment; the one that the same call has created before, if it has
     * @throws CatalogException as {@link #plan}, and as {@link Experiments#create}
     * @throws MergeException as {@link #plan}, and if inputs collide where that is rejected
     */
    public Experiment create(
            OrganisationId organisation,
            NewExperiment wanted,
            List<ResumeInput> sources,
            ResumeRules rules,
            ToIntFunction<ArtifactType> averageChunk,
            Function<UUID, StoredReport> reports,
            BiFunction<Experiment, ResumeOutcome, byte[]> result) {
        Experiment before = Await.result(() -> experiments.created(organisation, wanted));
        if (before != null) {
            return before;
        }
        ResolvedInputs resolved = inputs.resolve(organisation, sources);
        Artifact first = resolved.inputs().getFirst().artifact();
        UUID id = Await.result(() -> resumes.begin(organisation));
        try (OwnPush push = OwnPush.begin(pushes, organisation, first, "resume")) {
            StoredReport report = reports.apply(id);
            ResumeOutcome outcome = merger.merge(organisation, resolved, rules, push.id(), report);
            if (outcome.rejected() > 0) {
                throw new MergeException.Collided(outcome.rejected());
            }
            report.flush();
            Start start = new Start(
                    push.id(),
                    outcome.trees(),
                    averageChunks(resolved),
                    outcome.costs(),
                    id,
                    experiment -> result.apply(experiment, outcome));
            return Await.result(() -> experiments.create(organisation, wanted, averageChunk, start));
        } finally {
            discard(id);
        }
    }

    /** Content is cut as the first input has it, so that what the new experiment writes is compared with that. */
    private static Map<ArtifactType, Integer> averageChunks(ResolvedInputs resolved) {
        Map<ArtifactType, Integer> averages = new EnumMap<>(ArtifactType.class);
        for (ResolvedInput input : resolved.inputs()) {
            averages.putIfAbsent(input.artifact().type(), input.artifact().averageChunk());
        }
        return averages;
    }

    /** A report that belongs to an experiment stays. */
    private void discard(UUID report) {
        try {
            Await.result(() -> resumes.discard(report));
        } catch (RuntimeException failure) {
            LOG.debugf(failure, "the report %s of a resume is left to be tidied up", report);
        }
    }
}
