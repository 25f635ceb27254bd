package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.Repositories.ArtifactRepository;
import dev.tidegate.catalog.Repositories.CutRepository;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Lets writers agree on a cut before they push. A cut that is joined and to which no layer ever comes is nothing that anyone
 * waits for; it is forgotten after a day.
 */
@ApplicationScoped
public class Cuts {

    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final ArtifactRepository artifacts;
    private final CutRepository cuts;
    private final Publications publications;
    private final Clock clock;

    Cuts(ArtifactRepository artifacts, CutRepository cuts, Publications publications, Clock clock) {
        this.artifacts = artifacts;
        this.cuts = cuts;
        this.publications = publications;
        this.clock = clock;
    }

    /**
     * Names the newest cut that was begun within {@code maxAge} and in which, as in those after it, the writer has no layer; or
     * begins one. The writer goes on, whatever it said before.
     *
     * @param writers how many take part
     * @param maxAge more than 0, at most {@link Cut#LONGEST}
     * @throws InvalidArgument if a bound is broken
     */
    public Uni<String> join(Artifact artifact, int writer, int writers, Duration maxAge) {
        if (writer < 0 || writers <= writer || writers > Cut.MAX_WRITERS) {
            throw new InvalidArgument(
                    "writers",
                    "a cut has at most " + Cut.MAX_WRITERS
                            + " writers, and the rank of each is less than their number");
        }
        if (!maxAge.isPositive() || maxAge.compareTo(Cut.LONGEST) > 0) {
            throw new InvalidArgument(
                    "max_age", "a cut was begun more than 0 seconds and at most " + Cut.LONGEST.toDays() + " days ago");
        }
        UUID id = artifact.id().value();
        return Panache.withTransaction(() -> artifacts
                .findById(id, LockModeType.PESSIMISTIC_WRITE)
                .call(() -> publications.goesOn(id, writer))
                .call(() -> cuts.delete(
                        "artifact = ?1 and place is null and createdAt < ?2",
                        id,
                        clock.instant().minus(FORGOTTEN)))
                .chain(locked -> cuts.list(
                                "artifact = ?1 and snapshot is null and writers = ?2 and createdAt > ?3"
                                        + " order by createdAt desc",
                                id,
                                writers,
                                clock.instant().minus(maxAge))
                        .chain(candidates -> withLayerOf(id, writer).map(taken -> newest(candidates, taken)))
                        .chain(found -> found == null
                                ? fresh(locked, writers)
                                : Uni.createFrom().item(found.name))));
    }

    /** The cuts that wait and in which a writer has a layer. */
    private Uni<List<CutEntity>> withLayerOf(UUID artifact, int writer) {
        return cuts.list(
                "artifact = ?1 and snapshot is null"
                        + " and id in (select cut from LayerEntity where artifact = ?1 and writer = ?2"
                        + " and firstSnapshot is null)",
                artifact,
                writer);
    }

    private static @Nullable CutEntity newest(List<CutEntity> candidates, List<CutEntity> taken) {
        long last = taken.stream()
                .mapToLong(cut -> cut.place == null ? 0 : cut.place)
                .max()
                .orElse(0);
        return candidates.stream()
                .filter(cut -> cut.place == null || cut.place > last)
                .findFirst()
                .orElse(null);
    }

    private Uni<String> fresh(ArtifactEntity artifact, int writers) {
        return unused(artifact.id, clock.instant())
                .chain(name -> publications.begin(artifact, name, writers))
                .map(cut -> cut.name);
    }

    /** A name that says when, and is not taken. */
    private Uni<String> unused(UUID artifact, Instant moment) {
        String name = NAME.format(moment);
        return cuts.count("artifact = ?1 and name = ?2", artifact, name)
                .chain(taken -> taken == 0 ? Uni.createFrom().item(name) : unused(artifact, moment.plusMillis(1)));
    }
}
