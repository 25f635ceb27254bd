package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.IdempotencyKeyReused;
import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.Kind;
import dev.tidegate.catalog.CatalogException.NameAmbiguous;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Repositories.ArtifactRepository;
import dev.tidegate.catalog.Repositories.ExperimentRepository;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.panache.common.Page;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.hibernate.exception.ConstraintViolationException;

/** Experiments and their artifacts. */
@ApplicationScoped
public class Experiments {

    private static final int MAX_NAME = 200;
    static final int MAX_KEY = 200;
    private static final Pattern FORBIDDEN_IN_NAME = Pattern.compile("[\\p{Cntrl}/@]");

    private final ExperimentRepository experiments;
    private final ArtifactRepository artifacts;
    private final Clock clock;

    Experiments(ExperimentRepository experiments, ArtifactRepository artifacts, Clock clock) {
        this.experiments = experiments;
        this.artifacts = artifacts;
        this.clock = clock;
    }

    /**
     * Creates an experiment and its four artifacts.
     *
     * @param key makes the call safe to repeat; empty for none
     * @param averageChunk gives the average chunk length of each type, in bytes
     * @throws InvalidArgument if the name or the key is not of its form
     * @throws IdempotencyKeyReused if the key came before with another name
     */
    public Uni<Experiment> create(
            OrganisationId organisation, String name, String key, ToIntFunction<ArtifactType> averageChunk) {
        if (name.isBlank()
                || name.length() > MAX_NAME
                || FORBIDDEN_IN_NAME.matcher(name).find()) {
            throw new InvalidArgument(
                    "name",
                    "an experiment's name has 1 to " + MAX_NAME + " characters and no control character, '/' or '@'");
        }
        if (ExperimentId.parse(name).isPresent() || ArtifactId.parse(name).isPresent()) {
            throw new InvalidArgument("name", "an experiment's name cannot look like an id");
        }
        if (key.length() > MAX_KEY) {
            throw new InvalidArgument("idempotency_key", "an idempotency key has at most " + MAX_KEY + " characters");
        }
        if (key.isEmpty()) {
            return insert(organisation, name, null, averageChunk);
        }
        return byKey(organisation, key)
                .onItem()
                .ifNull()
                .switchTo(() -> insert(organisation, name, key, averageChunk)
                        // Somebody was faster with the same key: theirs is the one.
                        .onFailure(ConstraintViolationException.class)
                        .recoverWithUni(() -> byKey(organisation, key)))
                .invoke(found -> {
                    if (!found.name().equals(name)) {
                        throw new IdempotencyKeyReused(key, "the name " + found.name());
                    }
                });
    }

    private Uni<Experiment> insert(
            OrganisationId organisation,
            String name,
            @org.jspecify.annotations.Nullable String key,
            ToIntFunction<ArtifactType> averageChunk) {
        ExperimentEntity experiment = new ExperimentEntity();
        experiment.id = ExperimentId.next(clock).value();
        experiment.organisation = organisation.value();
        experiment.name = name;
        experiment.idempotencyKey = key;
        experiment.createdAt = clock.instant();
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
                        .chain(Panache::flush))
                .replaceWith(() -> experiment.toRecord(owned));
    }

    private Uni<Experiment> byKey(OrganisationId organisation, String key) {
        return Panache.withSession(() -> experiments
                .find("organisation = ?1 and idempotencyKey = ?2", organisation.value(), key)
                .firstResult()
                .onItem()
                .ifNotNull()
                .transformToUni(this::withArtifacts));
    }

    /**
     * Returns the experiment with this id, or the only one with this name.
     *
     * @throws NotFound if there is none
     * @throws NameAmbiguous if several have the name
     */
    public Uni<Experiment> find(OrganisationId organisation, String idOrName) {
        Optional<ExperimentId> id = ExperimentId.parse(idOrName);
        return Panache.withSession(() -> (id.isPresent()
                        ? experiments.find(
                                "organisation = ?1 and id = ?2",
                                organisation.value(),
                                id.get().value())
                        : experiments.find("organisation = ?1 and name = ?2", organisation.value(), idOrName))
                .page(Page.ofSize(2))
                .list()
                .chain(found -> switch (found.size()) {
                    case 0 -> throw new NotFound(Kind.EXPERIMENT, idOrName);
                    case 1 -> withArtifacts(found.getFirst());
                    default -> throw new NameAmbiguous(idOrName);
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
            throw new InvalidArgument("page_token", "the page token is none that a listing returned");
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
