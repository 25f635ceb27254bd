package dev.tidegate.gateway;

import dev.tidegate.catalog.Resumes;
import dev.tidegate.catalog.Resumes.Line;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.merge.ResolvedInput;
import dev.tidegate.gateway.merge.ResumeWarning;
import dev.tidegate.gateway.merge.Resumption;
import dev.tidegate.manifest.InputCollision;
import dev.tidegate.store.OrganisationId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Writes the report of a resume into the catalogue, in batches. Belongs to one thread. */
final class ResumeRecorder implements Resumption.StoredReport {

    private static final int BATCH = 500;

    private final OrganisationId organisation;
    private final Resumes resumes;
    private final UUID id;
    private final Lines collisions = new Lines(Line.COLLISION);
    private final Lines warnings = new Lines(Line.WARNING);

    ResumeRecorder(OrganisationId organisation, Resumes resumes, UUID id) {
        this.organisation = organisation;
        this.resumes = resumes;
        this.id = id;
    }

    @Override
    public void inputs(List<ResolvedInput> inputs) {
        // They are in the result.
    }

    @Override
    public void collision(List<ResolvedInput> inputs, InputCollision collision) {
        collisions.add(ResumeWire.collision(inputs, collision).toByteArray());
    }

    @Override
    public void warning(ResumeWarning warning) {
        warnings.add(ResumeWire.warning(warning).toByteArray());
    }

    @Override
    public void flush() {
        collisions.flush();
        warnings.flush();
    }

    /** The lines of one kind. */
    private final class Lines {

        private final Line kind;
        private final List<byte[]> batch = new ArrayList<>();
        private long written;

        Lines(Line kind) {
            this.kind = kind;
        }

        void add(byte[] line) {
            batch.add(line);
            if (batch.size() >= BATCH) {
                flush();
            }
        }

        void flush() {
            if (!batch.isEmpty()) {
                Await.result(() -> resumes.write(organisation, id, kind, written, List.copyOf(batch)));
                written += batch.size();
                batch.clear();
            }
        }
    }
}
