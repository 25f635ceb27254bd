package dev.tidegate.gateway;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Page;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.catalog.UsageTable.Sums;
import dev.tidegate.catalog.Usages;
import dev.tidegate.content.ChunkException;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.usage.UsageMeter;
import dev.tidegate.gateway.usage.UsageMeter.Measured;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.MeasureUsageRequest;
import dev.tidegate.v1.MeasureUsageResponse;
import dev.tidegate.v1.SnapshotUsage;
import dev.tidegate.v1.UsageProgress;
import dev.tidegate.v1.UsageServiceGrpc;
import dev.tidegate.v1.UsageTotal;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;

/** {@code tidegate.v1.UsageService}. Each call has a virtual thread of its own. */
@GrpcService
public class UsageGrpcService extends UsageServiceGrpc.UsageServiceImplBase {

    private static final Duration PROGRESS = Duration.ofMillis(500);

    private final Experiments experiments;
    private final Snapshots snapshots;
    private final Usages usages;
    private final UsageMeter meter;
    private final GatewayConfig config;

    UsageGrpcService(
            Experiments experiments, Snapshots snapshots, Usages usages, UsageMeter meter, GatewayConfig config) {
        this.experiments = experiments;
        this.snapshots = snapshots;
        this.usages = usages;
        this.meter = meter;
        this.config = config;
    }

    /** The snapshots of one artifact that are measured, the newest first. */
    private record Chosen(Artifact artifact, List<Snapshot> snapshots) {}

    @Override
    public void measureUsage(MeasureUsageRequest request, StreamObserver<MeasureUsageResponse> responses) {
        OrganisationId organisation = Caller.current().organisation();
        ResponseStream.serve(request, responses, config.read().stall(), meter.slots(), () -> stream -> {
            List<Chosen> chosen = choose(organisation, request);
            List<ArtifactId> artifacts =
                    chosen.stream().map(each -> each.artifact().id()).toList();
            try {
                Measured measured = meter.measure(
                        organisation,
                        chosen.stream()
                                .map(Chosen::snapshots)
                                .filter(list -> !list.isEmpty())
                                .map(List::reversed)
                                .toList(),
                        request.getWithinArtifacts() ? artifacts : List.of(),
                        new Teller(stream));
                answer(stream, chosen, measured, older(organisation, request, artifacts, measured));
            } catch (ManifestException | ChunkException damage) {
                throw Failures.damaged(damage);
            }
        });
    }

    private List<Chosen> choose(OrganisationId organisation, MeasureUsageRequest request) {
        return switch (request.getSubjectCase()) {
            case SNAPSHOT -> {
                Artifact artifact = Await.result(() ->
                        experiments.artifact(organisation, request.getSnapshot().getArtifact()));
                Snapshot snapshot = Await.result(() -> snapshots.find(artifact, Wire.selector(request.getSnapshot())));
                yield List.of(new Chosen(artifact, List.of(snapshot)));
            }
            case ARTIFACT ->
                List.of(newest(Await.result(() -> experiments.artifact(organisation, request.getArtifact())), request));
            case EXPERIMENT ->
                Await.result(() -> experiments.find(organisation, request.getExperiment())).artifacts().stream()
                        .map(artifact -> newest(artifact, request))
                        .toList();
            case SUBJECT_NOT_SET ->
                throw Failures.invalid("subject", "a snapshot, an artifact or an experiment has to be named");
        };
    }

    private Chosen newest(Artifact artifact, MeasureUsageRequest request) {
        // More than fits an int is more than there are.
        int limit = Integer.compareUnsigned(request.getLimit(), Integer.MAX_VALUE) > 0
                ? Integer.MAX_VALUE
                : request.getLimit();
        Page<Snapshot> page = Await.result(() -> snapshots.list(artifact, limit, ""));
        return new Chosen(artifact, page.items());
    }

    private long older(
            OrganisationId organisation, MeasureUsageRequest request, List<ArtifactId> artifacts, Measured measured) {
        if (request.hasSnapshot()) {
            return 0;
        }
        long all = Await.result(() -> usages.countSnapshots(organisation, artifacts));
        return Math.max(0, all - measured.snapshots().size());
    }

    private static void answer(
            ResponseStream<MeasureUsageResponse> stream, List<Chosen> chosen, Measured measured, long older)
            throws InterruptedException {
        Sums sums = measured.sums();
        Batches<MeasureUsageResponse.Builder, MeasureUsageResponse> batches =
                new Batches<>(stream, MeasureUsageResponse::newBuilder, MeasureUsageResponse.Builder::build);
        long logical = 0;
        int behind = 0;
        for (Chosen each : chosen) {
            behind += each.snapshots().size();
            int place = behind;
            for (Snapshot snapshot : each.snapshots()) {
                place--;
                long stored = sums.stored().get(place);
                long unique = sums.unique().get(place);
                logical += snapshot.statistics().bytes();
                SnapshotUsage usage = SnapshotUsage.newBuilder()
                        .setSnapshot(Wire.snapshot(snapshot))
                        .setArtifactType(Wire.type(each.artifact().type()))
                        .setStoredBytes(stored)
                        .setUniqueBytes(unique)
                        .setSharedBytes(stored - unique)
                        .build();
                batches.add(usage.getSerializedSize(), message -> message.addSnapshots(usage));
            }
        }
        UsageTotal total = UsageTotal.newBuilder()
                .setSnapshots(measured.snapshots().size())
                .setOlderSnapshots(older)
                .setComparedSnapshots(measured.compared())
                .setLogicalBytes(logical)
                .setStoredBytes(sums.storedTogether())
                .setUniqueBytes(sums.uniqueTogether())
                .build();
        batches.finish(last -> last.setTotal(total));
    }

    /** Tells the caller now and then how far it is, and so finds out that there is none any more. */
    private static final class Teller implements UsageMeter.Progress {

        private final ResponseStream<MeasureUsageResponse> stream;
        private long toldAt = System.nanoTime();

        Teller(ResponseStream<MeasureUsageResponse> stream) {
            this.stream = stream;
        }

        @Override
        public void at(long done, long total) {
            long now = System.nanoTime();
            if (now - toldAt < PROGRESS.toNanos()) {
                return;
            }
            toldAt = now;
            try {
                stream.send(MeasureUsageResponse.newBuilder()
                        .setProgress(UsageProgress.newBuilder()
                                .setSnapshotsDone(done)
                                .setSnapshotsTotal(total))
                        .build());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted");
            }
        }
    }
}
