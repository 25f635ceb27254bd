package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.IdempotencyKeyReused;
import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.Kind;
import dev.tidegate.catalog.CatalogException.NameAmbiguous;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.NewExperiment.Start;
import dev.tidegate.catalog.Repositories.ArtifactRepository;
import dev.tidegate.catalog.Repositories.ExperimentRepository;
import dev.tidegate.catalog.Repositories.LaunchFileRepository;
import dev.tidegate.catalog.Repositories.PushRepository;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.panache.common.Page;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/** Experiments and their artifacts. */
@ApplicationScoped
public class Experiments {

    static final int MAX_KEY = 200;

    /** Of so many experiments of one name the ids are told. */
    private static final int SHOWN_NAMESAKES = 5;

    private final ExperimentRepository experiments;
    private final ArtifactRepository artifacts;
    private final LaunchFileRepository launchFiles;
    private final PushRepository pushes;
    private final Publications publications;
    private final Resumes resumes;
    private final Clock clock;

    Experiments(
            ExperimentRepository experiments,
            ArtifactRepository artifacts,
            LaunchFileRepository launchFiles,
            PushRepository pushes,
            Publications publications,
            Resumes resumes,
            Clock clock) {
        this.experiments = experiments;
        this.artifacts = artifacts;
        this.launchFiles = launchFiles;
        this.pushes = pushes;
        this.publications = publications;
        this.resumes = resumes;
        this.clock = clock;
    }

    /**
     * Creates an experiment and its four artifacts, which start empty.
     *
     * @param averageChunk gives the average chunk length of each type, in bytes
     * @throws IdempotencyKeyReused if the key came before with another name or request
     */
    public Uni<Experiment> create(
            OrganisationId organisation, NewExperiment wanted, ToIntFunction<ArtifactType> averageChunk) {
        return create(organisation, wanted, averageChunk, null);
    }

    /**
     * Creates an experiment whose artifacts start with something: all of it, or nothing.
     *
     * @param averageChunk gives the usual average chunk length of each type, in bytes
     * @throws IdempotencyKeyReused if the key came before with another name or request
     * @throws NotFound if there is no such push
     * @throws PushClosed if its lease has ended
     */
    public Uni<Experiment> create(
            OrganisationId organisation,
            NewExperiment wanted,
            ToIntFunction<ArtifactType> averageChunk,
            @Nullable Start start) {
        return created(organisation, wanted)
                .onItem()
                .ifNull()
                .switchTo(() -> insert(organisation, wanted, averageChunk, start)
                        // Somebody was faster with the same key: theirs is the one.
                        .onFailure(ConstraintViolationException.class)
                        .recoverWithUni(lost ->
                                created(organisation, wanted).onItem().ifNull().failWith(lost)));
    }

    /**
     * Returns what the same call has created before, or null if it has not.
     *
     * @throws IdempotencyKeyReused if the key came before with another name or request
     */
    public Uni<@Nullable Experiment> created(OrganisationId organisation, NewExperiment wanted) {
        if (wanted.key().isEmpty()) {
            return Uni.createFrom().nullItem();
        }
        return Panache.withSession(() -> experiments
                .find("organisation = ?1 and idempotencyKey = ?2", organisation.value(), wanted.key())
                .firstResult()
                .onItem()
                .ifNotNull()
                .transformToUni(found -> {
                    if (!found.name.equals(wanted.name())) {
                        throw new IdempotencyKeyReused(wanted.key(), "the name " + found.name);
                    }
                    if (!Arrays.equals(
                            found.requestDigest,
                            wanted.request().map(Digest::toBytes).orElse(null))) {
                        throw new IdempotencyKeyReused(
                                wanted.key(), "other inputs, another policy or another launch file");
                    }
                    return withArtifacts(found);
                }));
    }

    private Uni<Experiment> insert(
            OrganisationId organisation,
            NewExperiment wanted,
            ToIntFunction<ArtifactType> usualChunk,
            @Nullable Start start) {
        ToIntFunction<ArtifactType> averageChunk = start == null ? usualChunk : start.averageChunk(usualChunk);
        ExperimentEntity experiment = new ExperimentEntity();
        experiment.id = ExperimentId.next(clock).value();
        experiment.organisation = organisation.value();
        experiment.name = wanted.name();
        experiment.idempotencyKey = wanted.key().isEmpty() ? null : wanted.key();
        experiment.createdAt = clock.instant();
        experiment.resumed = start != null;
        experiment.requestDigest = wanted.request().map(Digest::toBytes).orElse(null);
        List<ArtifactEntity> owned = List.of(ArtifactType.values()).stream()
                .map(type -> {
                    ArtifactEntity artifact = new ArtifactEntity();
                    artifact.id = ArtifactId.next(clock).value();
                    artifact.organisation = organisation.value();
                    artifact.experiment = experiment.id;
                    artifact.type = (short) type.code();
                    artifact.averageChunk = averageChunk.applyAsInt(type);
                    return artifact;
                })
                .toList();
        return Panache.withTransaction(() -> experiments
                        .persistAndFlush(experiment)
                        .chain(() -> artifacts.persist(owned))
                        .chain(() -> keep(experiment, wanted.launchFile()))
                        .chain(() -> start == null
                                ? Uni.createFrom().voidItem()
                                : start(organisation, experiment, owned, start))
                        .chain(Panache::flush))
                .replaceWith(() -> experiment.toRecord(owned));
    }

    private Uni<Void> keep(ExperimentEntity experiment, String launchFile) {
        if (launchFile.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        LaunchFileEntity row = new LaunchFileEntity();
        row.experiment = experiment.id;
        row.organisation = experiment.organisation;
        row.content = launchFile;
        return launchFiles.persist(row).replaceWithVoid();
    }

    private Uni<Void> start(
            OrganisationId organisation, ExperimentEntity experiment, List<ArtifactEntity> owned, Start start) {
        Uni<Void> started = pushes.locked(organisation, start.push())
                .invoke(push -> push.requireOpen(clock.instant()))
                .replaceWithVoid();
        for (ArtifactEntity artifact : owned) {
            ArtifactType type = ArtifactType.ofCode(artifact.type);
            TreeRoot tree = start.trees().get(type);
            if (tree != null) {
                started = started.chain(
                        () -> publications.start(artifact, tree, start.cost().getOrDefault(type, PushCost.NONE)));
            }
        }
        return started.chain(() -> resumes.complete(
                start.resume(), experiment.id, () -> start.result().apply(experiment.toRecord(owned))));
    }

    /** Returns the launch file that an experiment was created with; empty for none. */
    public Uni<String> launchFile(Experiment experiment) {
        return Panache.withSession(
                () -> launchFiles.findById(experiment.id().value()).map(found -> found == null ? "" : found.content));
    }

    /**
     * Returns the experiment with this id, or the only one with this name.
     *
     * @throws InvalidArgument if it has a NUL
     * @throws NotFound if there is none
     * @throws NameAmbiguous if several have the name
     */
    public Uni<Experiment> find(OrganisationId organisation, String idOrName) {
        InvalidArgument.requireNoNul("experiment", idOrName);
        Optional<ExperimentId> id = ExperimentId.parse(idOrName);
        return Panache.withSession(() -> (id.isPresent()
                        ? experiments.find(
                                "organisation = ?1 and id = ?2",
                                organisation.value(),
                                id.get().value())
                        : experiments.find(
                                "organisation = ?1 and name = ?2 order by id desc", organisation.value(), idOrName))
                .page(Page.ofSize(SHOWN_NAMESAKES + 1))
                .list()
                .chain(found -> switch (found.size()) {
                    case 0 -> throw new NotFound(Kind.EXPERIMENT, idOrName);
                    case 1 -> withArtifacts(found.getFirst());
                    default ->
                        throw new NameAmbiguous(
                                idOrName,
                                found.stream()
                                        .limit(SHOWN_NAMESAKES)
                                        .map(each -> new ExperimentId(each.id))
                                        .toList(),
                                found.size() <= SHOWN_NAMESAKES);
                }));
    }

    private Uni<Experiment> withArtifacts(ExperimentEntity experiment) {
        return artifacts.list("experiment = ?1 order by type", experiment.id).map(experiment::toRecord);
    }

    /**
     * Lists experiments, newest first.
     *
     * @throws InvalidArgument if the token is none of ours
     */
    public Uni<dev.tidegate.catalog.Page<Experiment>> list(OrganisationId organisation, int pageSize, String token) {
        int size = dev.tidegate.catalog.Page.size(pageSize);
        Optional<ExperimentId> after = ExperimentId.parse(token);
        if (after.isEmpty() && !token.isEmpty()) {
            throw dev.tidegate.catalog.Page.unknownToken();
        }
        return Panache.withSession(() -> (after.isPresent()
                        ? experiments.find(
                                "organisation = ?1 and id < ?2 order by id desc",
                                organisation.value(),
                                after.get().value())
                        : experiments.find("organisation = ?1 order by id desc", organisation.value()))
                .page(Page.ofSize(size))
                .list()
                .chain(found -> artifacts
                        .list(
                                "experiment in ?1 order by type",
                                found.stream().map(one -> one.id).toList())
                        .map(owned -> new dev.tidegate.catalog.Page<>(
                                found.stream().map(one -> one.toRecord(owned)).toList(),
                                found.size() < size ? "" : new ExperimentId(found.getLast().id).toString()))));
    }

    /**
     * Returns the artifact with this id, or that of {@code EXPERIMENT/TYPE}.
     *
     * @throws NotFound if there is none
     * @throws InvalidArgument if {@code reference} is neither
     * @throws NameAmbiguous if several experiments have the name
     */
    public Uni<Artifact> artifact(OrganisationId organisation, String reference) {
        Optional<ArtifactId> id = ArtifactId.parse(reference);
        if (id.isPresent()) {
            return Panache.withSession(() -> artifacts
                    .find(
                            "organisation = ?1 and id = ?2",
                            organisation.value(),
                            id.get().value())
                    .firstResult()
                    .map(found -> {
                        if (found == null) {
                            throw new NotFound(Kind.ARTIFACT, reference);
                        }
                        return found.toRecord();
                    }));
        }
        int slash = reference.indexOf('/');
        Optional<ArtifactType> type = ArtifactType.parse(reference.substring(slash + 1));
        if (slash < 1 || type.isEmpty()) {
            throw new InvalidArgument(
                    "artifact",
                    "'" + reference
                            + "' names no artifact: give its id (art_…) or EXPERIMENT/TYPE with the type checkpoints, logs, lossy or crud");
        }
        return find(organisation, reference.substring(0, slash))
                .map(experiment -> experiment.artifacts().stream()
                        .filter(artifact -> artifact.type() == type.get())
                        .findFirst()
                        .orElseThrow(() -> new NotFound(Kind.ARTIFACT, reference)));
    }
}
