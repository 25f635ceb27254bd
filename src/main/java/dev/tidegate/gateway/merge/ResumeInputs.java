package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.SnapshotId;
import dev.tidegate.catalog.SnapshotSelector;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.store.OrganisationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** From what callers name to the snapshots that are merged. Calls block. */
@ApplicationScoped
class ResumeInputs {

    /** The most inputs of a resume, an experiment counted once. */
    static final int MAX_INPUTS = 64;

    private final Experiments experiments;
    private final Snapshots snapshots;

    ResumeInputs(Experiments experiments, Snapshots snapshots) {
        this.experiments = experiments;
        this.snapshots = snapshots;
    }

    private record Place(SnapshotId snapshot, Optional<TreePath> under) {}

    /**
     * Returns the snapshots by type, and of one type in the order in which they were named.
     *
     * @throws InvalidArgument if there are none or too many, or a number is to name snapshots of an experiment
     * @throws NotFound if the caller's organisation has no such experiment, artifact or snapshot
     * @throws MergeException.SnapshotIncomplete if a snapshot that is named lacks layers
     * @throws MergeException.InputRepeated if a snapshot is named twice for one place
     */
    ResolvedInputs resolve(OrganisationId organisation, List<ResumeInput> inputs) {
        if (inputs.isEmpty() || inputs.size() > MAX_INPUTS) {
            throw new InvalidArgument(
                    "inputs", "a resume has 1 to " + MAX_INPUTS + " inputs, this one has " + inputs.size());
        }
        List<ResolvedInput> resolved = new ArrayList<>();
        List<ResumeWarning> warnings = new ArrayList<>();
        Set<Place> places = new HashSet<>();
        for (ResumeInput input : inputs) {
            for (ResolvedInput one : resolve(organisation, input, warnings::add)) {
                if (!places.add(new Place(one.snapshot().id(), one.under()))) {
                    throw new MergeException.InputRepeated(one.snapshot().id(), input.source());
                }
                resolved.add(one);
            }
        }
        resolved.sort(Comparator.comparing(input -> input.artifact().type()));
        return new ResolvedInputs(resolved, warnings);
    }

    private List<ResolvedInput> resolve(
            OrganisationId organisation, ResumeInput input, Consumer<ResumeWarning> warnings) {
        String source = input.source();
        if (source.isEmpty()) {
            throw new InvalidArgument("inputs.source", "an input names an artifact or an experiment");
        }
        if (ArtifactId.parse(source).isPresent() || source.indexOf('/') >= 0) {
            Artifact artifact = Await.result(() -> experiments.artifact(organisation, source));
            Experiment owner = Await.result(
                    () -> experiments.find(organisation, artifact.experiment().toString()));
            Snapshot snapshot = Await.result(() -> snapshots.find(artifact, input.selector()));
            warnOfNewer(artifact, snapshot, input, warnings);
            return List.of(resolved(owner, artifact, snapshot, input));
        }
        if (input.selector() instanceof SnapshotSelector.Numbered) {
            throw new InvalidArgument(
                    "inputs.number",
                    "a number names a snapshot of one artifact, and " + source
                            + " is an experiment with four: name EXPERIMENT/TYPE, or a label or a time");
        }
        return ofExperiment(Await.result(() -> experiments.find(organisation, source)), input, warnings);
    }

    private List<ResolvedInput> ofExperiment(
            Experiment experiment, ResumeInput input, Consumer<ResumeWarning> warnings) {
        List<ResolvedInput> found = new ArrayList<>();
        List<Runnable> leftOut = new ArrayList<>();
        for (Artifact artifact : experiment.artifacts()) {
            if (artifact.lastSnapshot() == 0) {
                continue;
            }
            try {
                Snapshot snapshot = Await.result(() -> snapshots.find(artifact, input.selector()));
                warnOfNewer(artifact, snapshot, input, warnings);
                found.add(resolved(experiment, artifact, snapshot, input));
            } catch (NotFound missing) {
                leftOut.add(() -> warnings.accept(new ResumeWarning(
                        "left_out", Optional.of(artifact.type()), "", missing.getMessage() + ": it is left out")));
            }
        }
        if (found.isEmpty()) {
            throw NotFound.anySnapshot(input.source());
        }
        leftOut.forEach(Runnable::run);
        return found;
    }

    private static ResolvedInput resolved(
            Experiment experiment, Artifact artifact, Snapshot snapshot, ResumeInput input) {
        if (!snapshot.missingRanks().isEmpty()) {
            throw new MergeException.SnapshotIncomplete(snapshot);
        }
        return new ResolvedInput(experiment, artifact, snapshot, input.under(), input.filter());
    }

    /** Nobody should wonder why a resume starts earlier than the artifact ends. */
    private static void warnOfNewer(
            Artifact artifact, Snapshot snapshot, ResumeInput input, Consumer<ResumeWarning> warnings) {
        if (input.selector() instanceof SnapshotSelector.Latest && snapshot.id().number() < artifact.lastSnapshot()) {
            warnings.accept(new ResumeWarning(
                    "newer_incomplete",
                    Optional.of(artifact.type()),
                    "",
                    "the newest snapshot of " + artifact.id() + ", " + artifact.lastSnapshot() + ", is incomplete: "
                            + snapshot.id().number() + " is taken, which is the newest that is not"));
        }
    }
}
