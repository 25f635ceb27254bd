package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.Kind;
import dev.tidegate.catalog.CatalogException.NotFound;
import dev.tidegate.store.OrganisationId;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.UUID;

/** The Panache repositories, one for one table; {@link Experiments} and its siblings are what other packages see. */
final class Repositories {

    private Repositories() {}

    /** Writes new rows; Panache itself refuses an empty list. */
    static <T> Uni<Void> persist(PanacheRepositoryBase<T, UUID> repository, List<T> rows) {
        return rows.isEmpty() ? Uni.createFrom().voidItem() : repository.persist(rows);
    }

    @ApplicationScoped
    static class ExperimentRepository implements PanacheRepositoryBase<ExperimentEntity, UUID> {}

    @ApplicationScoped
    static class LaunchFileRepository implements PanacheRepositoryBase<LaunchFileEntity, UUID> {}

    @ApplicationScoped
    static class ResumeRepository implements PanacheRepositoryBase<ResumeEntity, UUID> {}

    @ApplicationScoped
    static class ArtifactRepository implements PanacheRepositoryBase<ArtifactEntity, UUID> {}

    @ApplicationScoped
    static class SnapshotRepository implements PanacheRepositoryBase<SnapshotEntity, UUID> {}

    @ApplicationScoped
    static class LabelRepository implements PanacheRepositoryBase<LabelEntity, UUID> {}

    @ApplicationScoped
    static class LayerRepository implements PanacheRepositoryBase<LayerEntity, UUID> {}

    @ApplicationScoped
    static class CutRepository implements PanacheRepositoryBase<CutEntity, UUID> {}

    @ApplicationScoped
    static class PushRepository implements PanacheRepositoryBase<PushEntity, UUID> {

        /** Reads a push and locks its row. */
        Uni<PushEntity> locked(OrganisationId organisation, PushId id) {
            return find("organisation = ?1 and id = ?2", organisation.value(), id.value())
                    .withLock(LockModeType.PESSIMISTIC_WRITE)
                    .firstResult()
                    .onItem()
                    .ifNull()
                    .failWith(() -> new NotFound(Kind.PUSH, id.toString()));
        }
    }

    @ApplicationScoped
    static class PackRepository implements PanacheRepositoryBase<PackEntity, UUID> {}
}
