package dev.tidegate.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.catalog.Cut;
import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.Layer;
import dev.tidegate.catalog.LayerNote;
import dev.tidegate.catalog.Note;
import dev.tidegate.catalog.PendingCut;
import dev.tidegate.catalog.Publication;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.SnapshotSelector;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.ChunkingProfile;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.ingest.IncomingChunk;
import dev.tidegate.manifest.Collision;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeRoot;
import dev.tidegate.manifest.TreeStatistics;
import dev.tidegate.v1.ChunkBase;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.CollisionSide;
import dev.tidegate.v1.EntryType;
import dev.tidegate.v1.Generation;
import dev.tidegate.v1.PublishRequest;
import dev.tidegate.v1.TreeEntry;
import dev.tidegate.wire.Frames;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Between the messages of the wire and the types of the domain. What comes in is validated here, once. */
final class Wire {

    /** The most digests in one call. */
    static final int MAX_DIGESTS = 8_192;

    private Wire() {}

    static Digest digest(String field, ByteString bytes) {
        if (bytes.size() != Digest.BYTES) {
            throw Failures.invalid(field, "a digest is " + Digest.BYTES + " bytes, this one is " + bytes.size());
        }
        return Digest.read(bytes.toByteArray(), 0);
    }

    static List<Digest> digests(List<ByteString> digests) {
        if (digests.size() > MAX_DIGESTS) {
            throw Failures.invalid(
                    "digests", "a call names at most " + MAX_DIGESTS + " digests, this one " + digests.size());
        }
        List<Digest> result = new ArrayList<>(digests.size());
        for (ByteString digest : digests) {
            result.add(digest("digests", digest));
        }
        return result;
    }

    static PushId pushId(String id) {
        return PushId.parse(id).orElseThrow(() -> Failures.invalid("push_id", "'" + id + "' is no push's id"));
    }

    static ChunkKind kind(dev.tidegate.v1.ChunkKind kind) {
        return Frames.kind(kind).orElseThrow(() -> Failures.invalid("kind", "a chunk's kind is missing"));
    }

    static StoredChunk chunk(ChunkFrame frame) {
        return new StoredChunk(
                digest("chunks.digest", frame.getDigest()),
                kind(frame.getKind()),
                Frames.codec(frame.getCodec())
                        .orElseThrow(() -> Failures.invalid(
                                "codec", "a chunk's codec is missing or not one that this gateway knows")),
                frame.getLength(),
                Frames.buffer(frame.getStored()));
    }

    static IncomingChunk incoming(ChunkFrame frame) {
        return new IncomingChunk(chunk(frame), frame.hasBase() ? Optional.of(base(frame.getBase())) : Optional.empty());
    }

    private static DeltaBase base(ChunkBase base) {
        if (base.getShift() <= -StoredChunk.MAX_LENGTH || base.getShift() >= StoredChunk.MAX_LENGTH) {
            throw Failures.invalid(
                    "chunks.base.shift",
                    "a base's shift is less than " + StoredChunk.MAX_LENGTH + " bytes either way, not "
                            + base.getShift());
        }
        return new DeltaBase(digest("chunks.base.digest", base.getDigest()), base.getShift());
    }

    static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static com.google.protobuf.Duration duration(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    static SnapshotSelector selector(dev.tidegate.v1.SnapshotSelector selector) {
        return switch (selector.getSelectorCase()) {
            case NUMBER -> new SnapshotSelector.Numbered(selector.getNumber());
            case LABEL -> new SnapshotSelector.Labelled(selector.getLabel());
            case AT -> new SnapshotSelector.AsOf(instant(selector.getAt()), selector.getComplete());
            case SELECTOR_NOT_SET -> new SnapshotSelector.Latest(selector.getComplete());
        };
    }

    static TreePath path(String field, String path) {
        try {
            return TreePath.parse(path);
        } catch (ManifestException.InvalidPath refused) {
            throw Failures.invalid(field, refused.getMessage() + ": paths start at the root of the snapshot");
        }
    }

    static Instant instant(Timestamp timestamp) {
        try {
            return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
        } catch (DateTimeException | ArithmeticException outOfRange) {
            throw Failures.invalid("at", "the time is out of range");
        }
    }

    static dev.tidegate.v1.Experiment experiment(Experiment experiment) {
        return dev.tidegate.v1.Experiment.newBuilder()
                .setId(experiment.id().toString())
                .setName(experiment.name())
                .setCreateTime(timestamp(experiment.createdAt()))
                .setResumed(experiment.resumed())
                .addAllArtifacts(
                        experiment.artifacts().stream().map(Wire::artifact).toList())
                .build();
    }

    static dev.tidegate.v1.Artifact artifact(Artifact artifact) {
        return dev.tidegate.v1.Artifact.newBuilder()
                .setId(artifact.id().toString())
                .setExperimentId(artifact.experiment().toString())
                .setType(type(artifact.type()))
                .setChunkingProfile(profile(artifact.averageChunk()))
                .setLatestSnapshot(artifact.lastSnapshot())
                .build();
    }

    static dev.tidegate.v1.ChunkingProfile profile(int averageChunk) {
        ChunkingProfile profile = ChunkingProfile.ofAverage(averageChunk);
        return dev.tidegate.v1.ChunkingProfile.newBuilder()
                .setMinimumLength(profile.minLength())
                .setAverageLength(profile.averageLength())
                .setMaximumLength(profile.maxLength())
                .build();
    }

    static dev.tidegate.v1.ArtifactType type(ArtifactType type) {
        return switch (type) {
            case CHECKPOINTS -> dev.tidegate.v1.ArtifactType.ARTIFACT_TYPE_CHECKPOINTS;
            case LOGS -> dev.tidegate.v1.ArtifactType.ARTIFACT_TYPE_LOGS;
            case LOSSY -> dev.tidegate.v1.ArtifactType.ARTIFACT_TYPE_LOSSY;
            case CRUD -> dev.tidegate.v1.ArtifactType.ARTIFACT_TYPE_CRUD;
        };
    }

    static dev.tidegate.v1.Snapshot snapshot(Snapshot snapshot) {
        return dev.tidegate.v1.Snapshot.newBuilder()
                .setId(snapshot.id().toString())
                .setArtifactId(snapshot.id().artifact().toString())
                .setNumber(snapshot.id().number())
                .setRoot(Frames.toProto(snapshot.root()))
                .setCreateTime(timestamp(snapshot.createdAt()))
                .setStatistics(statistics(snapshot.statistics()))
                .setCost(cost(snapshot.cost()))
                .addAllLabels(snapshot.labels())
                .setWriter(snapshot.writer())
                .setWriters(snapshot.writers())
                .setCutId(snapshot.cut().orElse(""))
                .addAllMissingRanks(snapshot.missingRanks())
                .setCollisions(snapshot.collisions())
                .setNotes(snapshot.notes())
                .setNotesOmitted(snapshot.notesOmitted())
                .build();
    }

    static Publication publication(TreeRoot tree, PublishRequest request) {
        return new Publication(
                tree,
                request.getLabelsList(),
                request.hasCut() ? Optional.of(cut(request.getCut())) : Optional.empty(),
                request.getNotesList().stream()
                        .map(note -> new Note(note.getKind(), note.getPath(), note.getDetail()))
                        .toList(),
                request.getNotesOmitted(),
                digest(besidesTheRoot(request)));
    }

    /** What a request to publish asks for besides its root, as {@link Publication#request}; empty if only for the outcome. */
    static Optional<Digest> asked(PublishRequest request) {
        PublishRequest rest = besidesTheRoot(request);
        return rest.equals(PublishRequest.getDefaultInstance()) ? Optional.empty() : Optional.of(digest(rest));
    }

    private static PublishRequest besidesTheRoot(PublishRequest request) {
        return request.toBuilder().clearPushId().clearRoot().build();
    }

    /** What tells a repeated request from another one. */
    static Digest digest(Message request) {
        return Digest.of(request.toByteString().asReadOnlyByteBuffer());
    }

    private static Cut cut(dev.tidegate.v1.Cut cut) {
        Map<String, Long> generations = new HashMap<>();
        for (Generation generation : cut.getGenerationsList()) {
            long number = generation.hasNumber() ? generation.getNumber() : -1;
            if (generation.hasNumber() && number < 0) {
                throw Failures.invalid("cut.generations", "a generation's number is at most 2^63 - 1");
            }
            if (generations.put(generation.getName(), number) != null) {
                throw Failures.invalid("cut.generations", "each generation's name is given once");
            }
        }
        return new Cut(
                cut.getId(),
                cut.getWriters(),
                duration("cut.deadline", cut.getDeadline()),
                generations,
                cut.getStays());
    }

    /** Reads a duration of any length that the JDK can hold. */
    static Duration duration(String field, com.google.protobuf.Duration duration) {
        try {
            return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
        } catch (ArithmeticException outOfRange) {
            throw Failures.invalid(field, "the duration is out of range");
        }
    }

    static dev.tidegate.v1.PendingCut pending(PendingCut cut) {
        return dev.tidegate.v1.PendingCut.newBuilder()
                .setCutId(cut.name())
                .setWriters(cut.writers())
                .setArrived(cut.arrived())
                .setDeadline(timestamp(cut.deadline()))
                .setBehind(cut.behind())
                .build();
    }

    static dev.tidegate.v1.Collision collision(Collision collision) {
        return dev.tidegate.v1.Collision.newBuilder()
                .setPath(collision.path().toString())
                .setKept(side(collision.kept()))
                .setOther(side(collision.other()))
                .build();
    }

    private static CollisionSide side(Collision.Claim claim) {
        TreeEntry entry = entry(claim.entry());
        CollisionSide.Builder side = CollisionSide.newBuilder()
                .setWriter(claim.input())
                .setType(entry.getType())
                .setSize(entry.getSize())
                .setDigest(entry.getDigest())
                .setTarget(entry.getTarget());
        if (entry.hasModifyTime()) {
            side.setModifyTime(entry.getModifyTime());
        }
        return side.build();
    }

    static TreeEntry entry(Entry entry) {
        TreeEntry.Builder message = TreeEntry.newBuilder();
        return switch (entry) {
            case Entry.RegularFile file -> {
                file.content().identity().ifPresent(digest -> message.setDigest(Frames.toProto(digest)));
                yield message.setType(EntryType.ENTRY_TYPE_FILE)
                        .setMode(file.mode())
                        .setSize(file.size())
                        .setModifyTime(Timestamp.newBuilder()
                                .setSeconds(file.mtime().seconds())
                                .setNanos(file.mtime().nanos()))
                        .build();
            }
            case Entry.Directory(int mode) ->
                message.setType(EntryType.ENTRY_TYPE_DIRECTORY).setMode(mode).build();
            case Entry.SymbolicLink link ->
                message.setType(EntryType.ENTRY_TYPE_SYMBOLIC_LINK)
                        .setTarget(link.target())
                        .setArtifactRooted(link.artifactRooted())
                        .build();
        };
    }

    static dev.tidegate.v1.LayerNote note(LayerNote note) {
        return dev.tidegate.v1.LayerNote.newBuilder()
                .setWriter(note.writer())
                .setNote(dev.tidegate.v1.Note.newBuilder()
                        .setKind(note.note().kind())
                        .setPath(note.note().path())
                        .setDetail(note.note().detail()))
                .build();
    }

    static dev.tidegate.v1.Layer layer(Layer layer) {
        return dev.tidegate.v1.Layer.newBuilder()
                .setWriter(layer.writer())
                .setRoot(Frames.toProto(layer.root()))
                .build();
    }

    static dev.tidegate.v1.TreeStatistics statistics(TreeStatistics statistics) {
        return dev.tidegate.v1.TreeStatistics.newBuilder()
                .setFiles(statistics.files())
                .setDirectories(statistics.directories())
                .setSymbolicLinks(statistics.links())
                .setBytes(statistics.bytes())
                .build();
    }

    static dev.tidegate.v1.PushCost cost(PushCost cost) {
        return dev.tidegate.v1.PushCost.newBuilder()
                .setNewChunks(cost.newChunks())
                .setNewBytes(cost.newBytes())
                .setStoredBytes(cost.storedBytes())
                .build();
    }
}
