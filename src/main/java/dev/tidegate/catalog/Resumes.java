package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.catalog.CatalogException.Kind;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.catalog.Repositories.ResumeRepository;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The reports of resumes: history, kept as it was told. The lines are written in batches while inputs are merged, so that
 * nobody holds them in memory however many there are, and become visible in the transaction that creates the experiment.
 */
@ApplicationScoped
public class Resumes {

    private static final String WRITE =
            "INSERT INTO resume_line (resume_id, kind, place, organisation_id, line) VALUES ($1, $2, $3, $4, $5)";

    private static final String LIST = "SELECT place, line FROM resume_line"
            + " WHERE resume_id = $1 AND kind = $2 AND place >= $3 ORDER BY place LIMIT $4";

    private final ResumeRepository resumes;
    private final Pool pool;
    private final Clock clock;

    Resumes(ResumeRepository resumes, Pool pool, Clock clock) {
        this.resumes = resumes;
        this.pool = pool;
        this.clock = clock;
    }

    /** What a line tells of. */
    public enum Line {
        /** A collision. */
        COLLISION(0),
        /** A warning. */
        WARNING(1);

        private final short code;

        Line(int code) {
            this.code = (short) code;
        }
    }

    /**
     * The report on how an experiment was created.
     *
     * @param id under which its lines are kept
     * @param result what {@link NewExperiment.Start#result} gave; nobody changes it
     */
    public record Report(UUID id, ByteBuffer result) {}

    /** Opens a report, and returns its id. */
    public Uni<UUID> begin(OrganisationId organisation) {
        ResumeEntity resume = new ResumeEntity();
        resume.id = TypedId.next(clock);
        resume.organisation = organisation.value();
        resume.createdAt = clock.instant();
        return Panache.withTransaction(() -> resumes.persistAndFlush(resume)).replaceWith(resume.id);
    }

    /**
     * Adds lines to an open report.
     *
     * @param place the place of the first among those of its kind, from 0
     */
    public Uni<Void> write(OrganisationId organisation, UUID resume, Line kind, long place, List<byte[]> lines) {
        List<Tuple> rows = new ArrayList<>(lines.size());
        for (byte[] line : lines) {
            rows.add(Tuple.of(resume, kind.code, place + rows.size(), organisation.value(), Buffer.buffer(line)));
        }
        return pool.preparedQuery(WRITE).executeBatch(rows).replaceWithVoid();
    }

    /** Makes a report that of an experiment, in the transaction that is open. */
    Uni<Void> complete(UUID id, UUID experiment, Supplier<byte[]> result) {
        return resumes.findById(id)
                .onItem()
                .ifNull()
                .failWith(() -> new NotFound(Kind.RESUME, id.toString()))
                .invoke(resume -> {
                    resume.experiment = experiment;
                    resume.result = result.get();
                })
                .replaceWithVoid();
    }

    /** Forgets a report that came to nothing. */
    public Uni<Void> discard(UUID id) {
        return Panache.withTransaction(() -> resumes.delete("id = ?1 and experiment is null", id))
                .replaceWithVoid();
    }

    /** Forgets reports that were begun longer ago than {@code age} and that nobody finished. */
    public Uni<Void> discardOlderThan(Duration age) {
        return Panache.withTransaction(() -> resumes.delete(
                        "experiment is null and createdAt < ?1", clock.instant().minus(age)))
                .replaceWithVoid();
    }

    /**
     * Returns the report on an experiment that the caller may see.
     *
     * @throws NotFound if it started empty
     */
    public Uni<Report> find(Experiment experiment) {
        return Panache.withSession(() -> resumes.find(
                        "experiment = ?1", experiment.id().value())
                .firstResult()
                .onItem()
                .ifNull()
                .failWith(() -> NotFound.resume(experiment))
                .map(found -> new Report(
                        found.id,
                        ByteBuffer.wrap(Objects.requireNonNull(found.result)).asReadOnlyBuffer())));
    }

    /**
     * Lists the lines of a report, as they were written.
     *
     * @throws InvalidArgument if the token is none of ours
     */
    public Uni<Page<byte[]>> list(Report report, Line kind, int pageSize, String token) {
        int size = Page.size(pageSize);
        return pool.preparedQuery(LIST)
                .execute(Tuple.of(report.id(), kind.code, place(token), size))
                .map(rows -> {
                    List<byte[]> lines = new ArrayList<>(rows.size());
                    long next = 0;
                    for (Row row : rows) {
                        next = row.getLong(0) + 1;
                        lines.add(row.getBuffer(1).getBytes());
                    }
                    return new Page<>(lines, lines.size() < size ? "" : Long.toString(next));
                });
    }

    private static long place(String token) {
        try {
            return token.isEmpty() ? 0 : Long.parseUnsignedLong(token);
        } catch (NumberFormatException malformed) {
            throw Page.unknownToken();
        }
    }
}
