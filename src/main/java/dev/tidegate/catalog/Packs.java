package dev.tidegate.catalog;

import dev.tidegate.catalog.Repositories.PackRepository;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;

/** Which packs there are. A pack's row is there before the first index row that points into it. */
@ApplicationScoped
public class Packs {

    private final PackRepository packs;
    private final Clock clock;

    Packs(PackRepository packs, Clock clock) {
        this.packs = packs;
        this.clock = clock;
    }

    /** Returns a name for a new pack. */
    public PackId nextId() {
        return new PackId(TypedId.next(clock));
    }

    /** Records a pack that is being written. */
    public Uni<Void> opened(OrganisationId organisation, PackId pack) {
        PackEntity entity = new PackEntity();
        entity.id = pack.value();
        entity.organisation = organisation.value();
        entity.createdAt = clock.instant();
        entity.state = PackEntity.OPEN;
        return Panache.withTransaction(() -> packs.persist(entity)).replaceWithVoid();
    }

    /** Records that a pack is complete. */
    public Uni<Void> sealed(OrganisationId organisation, PackId pack, long length) {
        return finish(organisation, pack, PackEntity.SEALED, length);
    }

    /** Records that nothing is added to a pack any more, although it is not sealed. */
    public Uni<Void> givenUp(OrganisationId organisation, PackId pack) {
        return finish(organisation, pack, PackEntity.GIVEN_UP, 0);
    }

    private Uni<Void> finish(OrganisationId organisation, PackId pack, short state, long length) {
        return Panache.withTransaction(() -> packs.update(
                        "state = ?1, length = ?2 where organisation = ?3 and id = ?4",
                        state,
                        length,
                        organisation.value(),
                        pack.value())
                .replaceWithVoid());
    }
}
