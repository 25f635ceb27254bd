package dev.tidegate.gateway;

import dev.tidegate.catalog.CatalogException.RootAbsent;
import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.Cut;
import dev.tidegate.catalog.Cuts;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.PendingCut;
import dev.tidegate.catalog.Publications;
import dev.tidegate.catalog.PublishOutcome;
import dev.tidegate.catalog.Push;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Pushes;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.composition.Publisher;
import dev.tidegate.gateway.ingest.IngestConfig;
import dev.tidegate.gateway.observe.Events;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.AbandonPushRequest;
import dev.tidegate.v1.AbandonPushResponse;
import dev.tidegate.v1.BeginPushRequest;
import dev.tidegate.v1.BeginPushResponse;
import dev.tidegate.v1.FindMissingRequest;
import dev.tidegate.v1.FindMissingResponse;
import dev.tidegate.v1.GetTimeRequest;
import dev.tidegate.v1.GetTimeResponse;
import dev.tidegate.v1.JoinCutRequest;
import dev.tidegate.v1.JoinCutResponse;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.PublishResponse;
import dev.tidegate.v1.PushLimits;
import dev.tidegate.v1.PushService;
import dev.tidegate.v1.RenewPushRequest;
import dev.tidegate.v1.RenewPushResponse;
import dev.tidegate.wire.Frames;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** {@code tidegate.v1.PushService}. */
@GrpcService
public class PushGrpcService implements PushService {

    /** The largest message of a stream of chunks: one chunk of the greatest length, or about 1 MiB of smaller ones. */
    static final int MAX_MESSAGE = 5 << 19;

    private final Experiments experiments;
    private final Pushes pushes;
    private final Publications publications;
    private final Publisher publisher;
    private final Cuts cuts;
    private final ChunkIndex index;
    private final ChunkReader chunks;
    private final GatewayConfig config;
    private final IngestConfig ingest;
    private final GatewayMetrics metrics;
    private final Clock clock;

    PushGrpcService(
            Experiments experiments,
            Pushes pushes,
            Publications publications,
            Publisher publisher,
            Cuts cuts,
            ChunkIndex index,
            ChunkReader chunks,
            GatewayConfig config,
            IngestConfig ingest,
            GatewayMetrics metrics,
            Clock clock) {
        this.experiments = experiments;
        this.pushes = pushes;
        this.publications = publications;
        this.publisher = publisher;
        this.cuts = cuts;
        this.index = index;
        this.chunks = chunks;
        this.config = config;
        this.ingest = ingest;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public Uni<BeginPushResponse> beginPush(BeginPushRequest request) {
        return Failures.unary(() -> {
            OrganisationId organisation = Caller.current().organisation();
            if (request.getWriter() < 0 || request.getWriter() >= Cut.MAX_WRITERS) {
                throw Failures.invalid(
                        "writer",
                        "a writer's rank is less than " + Cut.MAX_WRITERS + ", not "
                                + Integer.toUnsignedString(request.getWriter()));
            }
            return experiments
                    .artifact(organisation, request.getArtifact())
                    .chain(artifact -> pushes.begin(
                            organisation,
                            artifact,
                            request.getWriter(),
                            request.getIdempotencyKey(),
                            config.push().lease()))
                    .invoke(push -> Events.pushBegun(push.id(), push.artifact().id(), request.getWriter()))
                    .map(this::begun);
        });
    }

    private BeginPushResponse begun(Push push) {
        BeginPushResponse.Builder response = BeginPushResponse.newBuilder()
                .setPushId(push.id().toString())
                .setArtifactId(push.artifact().id().toString())
                .setLease(Wire.duration(config.push().lease()))
                .setChunkingProfile(Wire.profile(push.artifact().averageChunk()))
                .setLimits(PushLimits.newBuilder()
                        .setChunkBytes(StoredChunk.MAX_LENGTH)
                        .setMessageBytes(MAX_MESSAGE)
                        .setDigests(Wire.MAX_DIGESTS)
                        .setUnacknowledgedBytes(ingest.streamWindow()));
        Digest lastRoot = push.lastRoot();
        if (lastRoot != null) {
            response.setLastRoot(Frames.toProto(lastRoot));
        }
        switch (push.outcome()) {
            case PublishOutcome.Published(Snapshot snapshot, boolean unchanged) ->
                response.setPublished(Wire.snapshot(snapshot)).setUnchanged(unchanged);
            case PublishOutcome.Pending pending -> response.setPending(Wire.pending(pending.cut()));
            case PublishOutcome.ToCompose _ -> throw new IllegalStateException("an outcome is final");
            case null -> {}
        }
        return response.build();
    }

    @Override
    public Uni<RenewPushResponse> renewPush(RenewPushRequest request) {
        return Failures.unary(() -> pushes.renew(
                        Caller.current().organisation(),
                        Wire.pushId(request.getPushId()),
                        config.push().lease())
                .replaceWith(() -> RenewPushResponse.newBuilder()
                        .setLease(Wire.duration(config.push().lease()))
                        .build()));
    }

    @Override
    public Uni<FindMissingResponse> findMissing(FindMissingRequest request) {
        return Failures.unary(() -> index.findMissing(
                        Caller.current().organisation(),
                        Wire.pushId(request.getPushId()),
                        Wire.kind(request.getKind()),
                        Wire.digests(request.getDigestsList()))
                .invoke(missing -> metrics.found(request.getDigestsCount() - missing.size()))
                .map(missing ->
                        FindMissingResponse.newBuilder().addAllMissing(missing).build()));
    }

    @Override
    public Uni<PublishResponse> publish(PublishRequest request) {
        long begun = System.nanoTime();
        return Failures.lasting(() -> {
            OrganisationId organisation = Caller.current().organisation();
            PushId push = Wire.pushId(request.getPushId());
            Digest root = Wire.digest("root", request.getRoot());
            return publications
                    .published(organisation, push, root, Wire.asked(request))
                    .chain(before -> switch (before) {
                        case PublishOutcome.Pending pending -> publisher.settled(organisation, push, root, pending);
                        case PublishOutcome.Published published ->
                            Uni.createFrom().item(published);
                        case PublishOutcome.ToCompose _ -> throw new IllegalStateException("an outcome is final");
                        case null ->
                            leasedRoot(organisation, push, root)
                                    .chain(tree -> publisher
                                            .publish(organisation, push, Wire.publication(tree, request))
                                            .invoke(() -> metrics.published(
                                                    tree.statistics().bytes(), begun)));
                    })
                    .invoke(outcome -> tell(push, outcome))
                    .map(PushGrpcService::published);
        });
    }

    private static void tell(PushId push, PublishOutcome outcome) {
        switch (outcome) {
            case PublishOutcome.Published published -> Events.published(push, published);
            case PublishOutcome.Pending(PendingCut cut) ->
                Events.layerWaits(push, cut.artifact(), cut.name(), cut.arrived(), cut.writers());
            case PublishOutcome.ToCompose _ -> throw new IllegalStateException("an outcome is final");
        }
    }

    private static PublishResponse published(PublishOutcome outcome) {
        return switch (outcome) {
            case PublishOutcome.Published(Snapshot snapshot, boolean unchanged) ->
                PublishResponse.newBuilder()
                        .setSnapshot(Wire.snapshot(snapshot))
                        .setUnchanged(unchanged)
                        .build();
            case PublishOutcome.Pending(PendingCut cut) ->
                PublishResponse.newBuilder().setPending(Wire.pending(cut)).build();
            case PublishOutcome.ToCompose _ -> throw new IllegalStateException("an outcome is final");
        };
    }

    private Uni<TreeRoot> leasedRoot(OrganisationId organisation, PushId push, Digest root) {
        return index.findMissing(organisation, push, ChunkKind.TREE_NODE, List.of(root))
                .chain(missing -> {
                    if (!missing.isEmpty()) {
                        throw new RootAbsent(root);
                    }
                    return chunks.root(organisation, root);
                });
    }

    @Override
    public Uni<JoinCutResponse> joinCut(JoinCutRequest request) {
        return Failures.unary(() -> {
            Duration maxAge = Wire.duration("max_age", request.getMaxAge());
            return experiments
                    .artifact(Caller.current().organisation(), request.getArtifact())
                    .chain(artifact -> cuts.join(artifact, request.getWriter(), request.getWriters(), maxAge))
                    .map(name -> JoinCutResponse.newBuilder().setCutId(name).build());
        });
    }

    @Override
    public Uni<GetTimeResponse> getTime(GetTimeRequest request) {
        return Failures.unary(() -> Uni.createFrom()
                .item(GetTimeResponse.newBuilder()
                        .setTime(Wire.timestamp(clock.instant()))
                        .build()));
    }

    @Override
    public Uni<AbandonPushResponse> abandonPush(AbandonPushRequest request) {
        return Failures.unary(() -> {
            PushId push = Wire.pushId(request.getPushId());
            return pushes.abandon(Caller.current().organisation(), push)
                    .invoke(() -> Events.pushAbandoned(push))
                    .replaceWith(AbandonPushResponse.getDefaultInstance());
        });
    }
}
