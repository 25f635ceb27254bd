package dev.tidegate.gateway;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.Prioritized;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Lets a gateway that stops look like one that is away, never like one that is broken: its port stays open until
 * everything behind it has ended. From the moment it is told to stop, new calls are refused, and unary calls that are
 * being answered are waited for. A stream goes on until what it needs is gone, and is told that the gateway stops instead
 * of what it met. Callers repeat all of these, and find the next gateway.
 *
 * <p>A singleton, and the first of all interceptors: what refuses calls must not need the container, which ends before the
 * port is closed.
 */
@Singleton
@GlobalInterceptor
public class ShutdownInterceptor implements ServerInterceptor, Prioritized {

    private static final Logger LOG = Logger.getLogger(ShutdownInterceptor.class);

    /** What callers are told of failures that are none of theirs. */
    private static final Set<Status.Code> OURS =
            EnumSet.of(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.UNAVAILABLE);

    private final Duration limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();

    /** Unary calls that are being answered. */
    private int answering;

    private volatile boolean stopping;

    /** By {@link System#nanoTime}, once it is stopping. */
    private long deadline;

    ShutdownInterceptor(@ConfigProperty(name = "quarkus.shutdown.timeout") Duration limit) {
        this.limit = limit;
    }

    @Override
    public int getPriority() {
        return Integer.MAX_VALUE;
    }

    /** Refuses calls from now on. Quarkus then waits for requests over HTTP, which has the same limit. */
    void refuse(@Observes ShutdownDelayInitiatedEvent event) {
        refuse();
    }

    /** Waits for calls that are being answered, for what is left of the limit, before anything else ends. */
    void stop(@Observes @Priority(0) ShutdownEvent event) {
        refuse();
        lock.lock();
        try {
            long left = deadline - System.nanoTime();
            while (answering > 0 && left > 0) {
                left = answered.awaitNanos(left);
            }
            if (answering > 0) {
                LOG.warnf("%d calls were not answered within %d s and are given up", answering, limit.toSeconds());
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void refuse() {
        lock.lock();
        try {
            if (!stopping) {
                stopping = true;
                deadline = System.nanoTime() + limit.toNanos();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        boolean unary = call.getMethodDescriptor().getType() == MethodType.UNARY;
        if (!begin(unary)) {
            return Failures.refuse(call, Failures.shuttingDown(Failures.TRY_AGAIN));
        }
        ServerCall<Q, R> told = new Told<>(call);
        if (!unary) {
            return next.startCall(told, headers);
        }
        try {
            return new Counted<>(next.startCall(told, headers));
        } catch (RuntimeException | Error failure) {
            end();
            throw failure;
        }
    }

    private boolean begin(boolean counted) {
        lock.lock();
        try {
            if (!stopping && counted) {
                answering++;
            }
            return !stopping;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            answering--;
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Is told that the gateway stops where it would be told of a defect, or of what is away because the gateway stops. */
    private final class Told<Q, R> extends SimpleForwardingServerCall<Q, R> {

        Told(ServerCall<Q, R> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (stopping
                    && OURS.contains(status.getCode())
                    && !Failures.isShuttingDown(new StatusRuntimeException(status, trailers))) {
                StatusRuntimeException refusal = Failures.shuttingDown(Failures.TRY_AGAIN);
                super.close(refusal.getStatus(), refusal.getTrailers());
            } else {
                super.close(status, trailers);
            }
        }
    }

    /** Tells when the call has ended, one way or the other. */
    private final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {

        Counted(ServerCall.Listener<Q> listener) {
            super(listener);
        }

        @Override
        public void onComplete() {
            end();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            end();
            super.onCancel();
        }
    }
}
