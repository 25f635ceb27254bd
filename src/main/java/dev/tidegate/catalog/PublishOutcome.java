package dev.tidegate.catalog;

/** What a publication has come to. */
public sealed interface PublishOutcome {

    /**
     * A snapshot.
     *
     * @param snapshot what the push has become
     * @param unchanged the artifact's newest snapshot held the same already, and is the one returned
     */
    record Published(Snapshot snapshot, boolean unchanged) implements PublishOutcome {}

    /**
     * A layer that waits for its cut to end.
     *
     * @param cut the cut
     */
    record Pending(PendingCut cut) implements PublishOutcome {}

    /**
     * Nothing yet: the composition of these layers is to be handed in. Nothing was changed.
     *
     * @param layering the layers
     */
    record ToCompose(Layering layering) implements PublishOutcome {}
}
