package dev.tidegate.gateway;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidegate.catalog.CatalogException;
import dev.tidegate.content.ChunkException;
import dev.tidegate.gateway.files.FileException;
import dev.tidegate.gateway.merge.MergeException;
import dev.tidegate.gateway.observe.Repeated;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.store.StoreException;
import dev.tidegate.v1.ErrorReason;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.smallrye.mutiny.CompositeException;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import jakarta.persistence.PersistenceException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * From a failure to the status that the caller gets: the only place where that is decided. Every status carries a
 * {@code google.rpc.ErrorInfo} whose reason is one of {@link ErrorReason} and whose metadata name the thing.
 */
public final class Failures {

    /** The domain of every {@code ErrorInfo}. */
    static final String DOMAIN = "tidegate.dev";

    /** A database that has not answered by then has gone, or has others to serve first. */
    static final Duration DATABASE_LIMIT = Duration.ofSeconds(30);

    private static final Logger LOG = Logger.getLogger(Failures.class);
    /** Every call meets an outage: its cause is told once in a while. */
    private static final Repeated DATABASE = new Repeated();

    private static final Repeated STORE = new Repeated();
    private static final Repeated FULL = new Repeated();
    private static final String REASON_PREFIX = "ERROR_REASON_";
    /** What a caller does whose call failed because the gateway stops. */
    static final String TRY_AGAIN = "try again";

    private Failures() {}

    /**
     * Runs a unary call that asks the database and nothing else: what it throws and what its result fails with both become
     * a status, and so does an answer that does not come within {@link #DATABASE_LIMIT}.
     */
    static <T> Uni<T> unary(Supplier<Uni<? extends T>> call) {
        return Uni.createFrom()
                .<T>deferred(call)
                .ifNoItem()
                .after(DATABASE_LIMIT)
                .fail()
                .onFailure()
                .transform(Failures::toStatus);
    }

    /** As the other, of a call that may work for long and sees to it itself that it ends. */
    static <T> Uni<T> lasting(Supplier<Uni<? extends T>> call) {
        return Uni.createFrom().<T>deferred(call).onFailure().transform(Failures::toStatus);
    }

    /** Returns the status for a failure. A defect is logged under an id that the status names. */
    public static StatusRuntimeException toStatus(Throwable failure) {
        return switch (failure) {
            case StatusRuntimeException status -> status;
            case StatusException status -> new StatusRuntimeException(status.getStatus(), status.getTrailers());
            case CompletionException wrapped when wrapped.getCause() != null -> toStatus(wrapped.getCause());
            case ExecutionException wrapped when wrapped.getCause() != null -> toStatus(wrapped.getCause());
            // What failed first, and then its session when it was closed.
            case CompositeException several -> toStatus(several.getCauses().getFirst());
            // Nobody closes the database client's pool but a gateway that stops.
            case NoStackTraceThrowable client when "Pool closed".equals(client.getMessage()) -> shuttingDown(TRY_AGAIN);
            case CatalogException refused -> ofCatalog(refused);
            case ChunkException refused -> ofChunk(refused);
            case ManifestException refused -> ofManifest(refused);
            case StoreException refused -> ofStore(refused);
            case MergeException refused -> ofMerge(refused);
            case FileException refused -> ofFile(refused);
            default -> {
                if (isDatabase(failure)) {
                    yield databaseUnavailable(failure);
                }
                yield ApplicationLifecycleManager.isVmShuttingDown() ? stopped(failure) : defect(failure);
            }
        };
    }

    /**
     * What the {@code ErrorInfo} of a status tells.
     *
     * @param reason an {@link ErrorReason} without its prefix
     * @param metadata names of things and limits
     */
    public record Told(String reason, Map<String, String> metadata) {}

    /** Returns what the {@code ErrorInfo} of a status of ours tells. */
    public static Told told(StatusRuntimeException status) {
        com.google.rpc.Status details = StatusProto.fromThrowable(status);
        try {
            if (details != null && details.getDetailsCount() > 0) {
                ErrorInfo info = details.getDetails(0).unpack(ErrorInfo.class);
                return new Told(info.getReason(), info.getMetadataMap());
            }
        } catch (InvalidProtocolBufferException impossible) {
            LOG.error("a status of ours cannot be read", impossible);
        }
        return new Told(status.getStatus().getCode().name(), Map.of());
    }

    /** Answers a call that is not served, and returns the listener of what its caller sends all the same. */
    static <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, ?> call, StatusRuntimeException refusal) {
        call.close(refusal.getStatus(), refusal.getTrailers());
        return new ServerCall.Listener<>() {};
    }

    /** Returns the status of what ends because the gateway does. */
    static StatusRuntimeException shuttingDown(String whatToDo) {
        return status(
                Status.Code.UNAVAILABLE,
                ErrorReason.ERROR_REASON_SHUTTING_DOWN,
                "the gateway is shutting down: " + whatToDo,
                Map.of());
    }

    /** Returns the status of a call for which there is no room among those that wait for their turn. */
    static StatusRuntimeException noRoom() {
        return status(
                Status.Code.RESOURCE_EXHAUSTED,
                ErrorReason.ERROR_REASON_TOO_MANY_STREAMS,
                "as many calls wait for their turn as the gateway has room for; try again later",
                Map.of());
    }

    /** Tells whether a status is one of ours, which says all there is to say. */
    static boolean isTold(StatusRuntimeException status) {
        com.google.rpc.Status details = StatusProto.fromThrowable(status);
        return details != null && details.getDetailsCount() > 0;
    }

    /** Tells whether a status says already that the gateway ends. */
    static boolean isShuttingDown(StatusRuntimeException status) {
        return told(status).reason().equals(reason(ErrorReason.ERROR_REASON_SHUTTING_DOWN));
    }

    /** Returns the status of a request that is not of its form. */
    static StatusRuntimeException invalid(String field, String message) {
        return status(
                Status.Code.INVALID_ARGUMENT,
                ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
                message,
                Map.of("field", field));
    }

    /** Returns a status with its {@code ErrorInfo}. */
    static StatusRuntimeException status(
            Status.Code code, ErrorReason reason, String message, Map<String, String> metadata) {
        ErrorInfo info = ErrorInfo.newBuilder()
                .setDomain(DOMAIN)
                .setReason(reason(reason))
                .putAllMetadata(metadata)
                .build();
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(Any.pack(info))
                .build());
    }

    private static String reason(ErrorReason reason) {
        return reason.name().substring(REASON_PREFIX.length());
    }

    private static StatusRuntimeException ofCatalog(CatalogException refused) {
        String message = sentence(refused);
        return switch (refused) {
            case CatalogException.NotFound missing ->
                status(
                        Status.Code.NOT_FOUND,
                        notFound(missing.kind()),
                        message,
                        Map.of(missing.kind().name().toLowerCase(Locale.ROOT), missing.name()));
            case CatalogException.InvalidArgument invalid -> invalid(invalid.field(), message);
            case CatalogException.NameAmbiguous ambiguous ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_NAME_AMBIGUOUS,
                        message,
                        Map.of("name", ambiguous.name(), "experiments", ambiguous.experiments()));
            case CatalogException.IdempotencyKeyReused reused ->
                status(
                        Status.Code.ALREADY_EXISTS,
                        ErrorReason.ERROR_REASON_IDEMPOTENCY_KEY_REUSED,
                        message,
                        Map.of("idempotency_key", reused.key()));
            case CatalogException.PushClosed closed ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_PUSH_CLOSED,
                        message,
                        Map.of("push", closed.push().toString()));
            case CatalogException.RootAbsent absent ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_ROOT_ABSENT,
                        message,
                        Map.of("digest", absent.root().toString()));
            case CatalogException.ReferenceAbsent absent ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_NODE_REFERENCE_ABSENT,
                        message,
                        Map.of(
                                "node", absent.node().toString(),
                                "digest", absent.absent().toString()));
            case CatalogException.LabelTaken taken ->
                status(
                        Status.Code.ALREADY_EXISTS,
                        ErrorReason.ERROR_REASON_LABEL_TAKEN,
                        message,
                        Map.of("label", taken.label()));
            case CatalogException.CutMismatch mismatch ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_CUT_MISMATCH,
                        message,
                        Map.of("cut", mismatch.cut()));
            case CatalogException.CutPassed passed ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_CUT_PASSED,
                        message,
                        Map.of("cut", passed.cut()));
            case CatalogException.UsageLimit limit ->
                status(
                        Status.Code.RESOURCE_EXHAUSTED,
                        ErrorReason.ERROR_REASON_USAGE_LIMIT,
                        message,
                        Map.of("limit", Long.toString(limit.rows())));
            case CatalogException.ChunksCollected collected ->
                status(Status.Code.UNAVAILABLE, ErrorReason.ERROR_REASON_STORE_UNAVAILABLE, message, Map.of());
        };
    }

    private static ErrorReason notFound(CatalogException.Kind kind) {
        return switch (kind) {
            case EXPERIMENT -> ErrorReason.ERROR_REASON_EXPERIMENT_NOT_FOUND;
            case ARTIFACT -> ErrorReason.ERROR_REASON_ARTIFACT_NOT_FOUND;
            case SNAPSHOT -> ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND;
            case PUSH -> ErrorReason.ERROR_REASON_PUSH_NOT_FOUND;
            case CHUNK -> ErrorReason.ERROR_REASON_CHUNK_NOT_FOUND;
            case RESUME -> ErrorReason.ERROR_REASON_RESUME_NOT_FOUND;
            case LABEL -> ErrorReason.ERROR_REASON_LABEL_NOT_FOUND;
        };
    }

    private static StatusRuntimeException ofChunk(ChunkException refused) {
        ErrorReason reason =
                switch (refused) {
                    case ChunkException.BadLength length -> ErrorReason.ERROR_REASON_CHUNK_LENGTH;
                    case ChunkException.Undecodable undecodable -> ErrorReason.ERROR_REASON_CHUNK_UNDECODABLE;
                    case ChunkException.DigestMismatch mismatch -> ErrorReason.ERROR_REASON_DIGEST_MISMATCH;
                };
        return status(
                Status.Code.INVALID_ARGUMENT,
                reason,
                sentence(refused),
                Map.of("digest", refused.digest().toString()));
    }

    private static StatusRuntimeException ofManifest(ManifestException refused) {
        return status(
                Status.Code.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_MALFORMED_NODE, sentence(refused), Map.of());
    }

    private static StatusRuntimeException ofMerge(MergeException refused) {
        String message = sentence(refused);
        return switch (refused) {
            case MergeException.InputRepeated repeated ->
                status(
                        Status.Code.INVALID_ARGUMENT,
                        ErrorReason.ERROR_REASON_RESUME_INPUT_REPEATED,
                        message,
                        Map.of("snapshot", repeated.snapshot().toString()));
            case MergeException.SnapshotIncomplete incomplete ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_SNAPSHOT_INCOMPLETE,
                        message,
                        Map.of("snapshot", incomplete.snapshot().toString()));
            case MergeException.Collided collided ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_RESUME_COLLISIONS,
                        message,
                        Map.of("collisions", Long.toString(collided.count())));
            case MergeException.LimitBroken limit ->
                status(Status.Code.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_MERGE_LIMIT, message, Map.of());
        };
    }

    private static StatusRuntimeException ofFile(FileException refused) {
        String message = sentence(refused);
        String path = refused.path().toString();
        return switch (refused) {
            case FileException.NothingThere _ ->
                status(Status.Code.NOT_FOUND, ErrorReason.ERROR_REASON_PATH_NOT_FOUND, message, Map.of("path", path));
            case FileException.IsDirectory _ ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_NOT_A_FILE,
                        message,
                        Map.of("path", path));
            case FileException.IsLink link ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_NOT_A_FILE,
                        message,
                        Map.of("path", path, "target", link.target()));
            case FileException.LinkUnresolved _ ->
                status(
                        Status.Code.FAILED_PRECONDITION,
                        ErrorReason.ERROR_REASON_LINK_UNRESOLVED,
                        message,
                        Map.of("path", path));
            case FileException.BeyondEnd beyond ->
                status(
                        Status.Code.OUT_OF_RANGE,
                        ErrorReason.ERROR_REASON_RANGE_BEYOND_END,
                        message,
                        Map.of("path", path, "size", Long.toString(beyond.size())));
        };
    }

    private static StatusRuntimeException ofStore(StoreException refused) {
        return switch (refused) {
            case StoreException.Full full -> {
                FULL.tell(LOG, "the store is full: " + sentence(full), null);
                yield status(
                        Status.Code.RESOURCE_EXHAUSTED,
                        ErrorReason.ERROR_REASON_STORE_FULL,
                        "the gateway's storage is full; free space and push again, what was acknowledged is kept: "
                                + sentence(full),
                        Map.of());
            }
            case StoreException.Unavailable unavailable -> {
                STORE.tell(LOG, "the store failed", unavailable);
                yield status(
                        Status.Code.UNAVAILABLE,
                        ErrorReason.ERROR_REASON_STORE_UNAVAILABLE,
                        "the gateway's storage failed: " + sentence(unavailable),
                        Map.of());
            }
            case StoreException.CorruptRecord corrupt -> dataLoss(corrupt);
            case StoreException.NoSuchPack missing -> dataLoss(missing);
            case StoreException.PackExists exists -> defect(exists);
        };
    }

    /** Returns the status for what was found wrong in nodes and chunks that the gateway has stored, and reads for a caller. */
    public static StatusRuntimeException damaged(RuntimeException damage) {
        return dataLoss(damage);
    }

    private static StatusRuntimeException dataLoss(RuntimeException damage) {
        LOG.errorf(damage, "stored bytes are damaged: %s", damage.getMessage());
        return status(
                Status.Code.DATA_LOSS,
                ErrorReason.ERROR_REASON_DATA_CORRUPT,
                "stored bytes are damaged: " + sentence(damage),
                Map.of());
    }

    /** Tells whether the database could not be reached or refused to work, other than over what we asked of it. */
    private static boolean isDatabase(Throwable failure) {
        return switch (failure) {
            case PgException postgres -> isOutage(postgres.getSqlState());
            case ConnectException refused -> true;
            case TimeoutException timeout -> true;
            // The client's own failures (connection closed, pool exhausted) have no types of their own.
            case VertxException vertx -> true;
            case NoStackTraceThrowable client -> true;
            case SQLException converted -> converted.getSQLState() != null && isOutage(converted.getSQLState());
            case PersistenceException hibernate ->
                hibernate.getCause() != null && hibernate.getCause() != failure && isDatabase(hibernate.getCause());
            case CompletionException wrapped -> wrapped.getCause() != null && isDatabase(wrapped.getCause());
            default -> false;
        };
    }

    /**
     * SQLSTATE classes 08 (connection), 53 (resources), 57 (operator intervention) and 58 (system error); and what comes of a
     * gateway that died in a transaction: 55P03, its locks were waited for in vain, and 25P03, it has been ended.
     */
    private static boolean isOutage(String sqlState) {
        return sqlState.startsWith("08")
                || sqlState.startsWith("53")
                || sqlState.startsWith("57")
                || sqlState.startsWith("58")
                || sqlState.equals("55P03")
                || sqlState.equals("25P03");
    }

    private static StatusRuntimeException databaseUnavailable(Throwable failure) {
        DATABASE.tell(LOG, "the database failed", failure);
        return status(
                Status.Code.UNAVAILABLE,
                ErrorReason.ERROR_REASON_DATABASE_UNAVAILABLE,
                "the gateway cannot reach its database now; try again",
                Map.of());
    }

    /** What streams use is taken from under them when the gateway stops, and fails in as many ways as it has parts. */
    private static StatusRuntimeException stopped(Throwable failure) {
        LOG.infof("a call failed while the gateway stopped: %s", failure);
        LOG.debug("a call failed while the gateway stopped", failure);
        return shuttingDown(TRY_AGAIN);
    }

    private static StatusRuntimeException defect(Throwable failure) {
        String id = UUID.randomUUID().toString();
        LOG.errorf(failure, "defect %s", id);
        return status(
                Status.Code.INTERNAL,
                ErrorReason.ERROR_REASON_INTERNAL,
                "the gateway failed; its log has the details under " + id,
                Map.of("id", id));
    }

    /** Every failure of the domain has one. */
    private static String sentence(RuntimeException failure) {
        return Objects.requireNonNullElse(
                failure.getMessage(), failure.getClass().getSimpleName());
    }
}
