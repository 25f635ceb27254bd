package dev.tidegate.catalog;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** The Panache repositories, one for one table; {@link Experiments} and its siblings are what other packages see. */
final class Repositories {

    private Repositories() {}

    @ApplicationScoped
    static class ExperimentRepository implements PanacheRepositoryBase<ExperimentEntity, UUID> {}

    @ApplicationScoped
    static class ArtifactRepository implements PanacheRepositoryBase<ArtifactEntity, UUID> {}

    @ApplicationScoped
    static class SnapshotRepository implements PanacheRepositoryBase<SnapshotEntity, UUID> {}

    @ApplicationScoped
    static class LabelRepository implements PanacheRepositoryBase<LabelEntity, UUID> {}

    @ApplicationScoped
    static class LayerRepository implements PanacheRepositoryBase<LayerEntity, UUID> {}

    @ApplicationScoped
    static class PushRepository implements PanacheRepositoryBase<PushEntity, UUID> {}

    @ApplicationScoped
    static class PackRepository implements PanacheRepositoryBase<PackEntity, UUID> {}
}
