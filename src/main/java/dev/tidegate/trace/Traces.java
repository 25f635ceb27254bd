package dev.tidegate.trace;

import io.grpc.ClientInterceptor;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The spans of this process. Off, and free, until {@link #begin} finds a collector; then every {@link #span}, and every
 * call to a gateway within one, becomes a span that is sent there.
 *
 * <p>A span is the parent of whatever its thread, and the threads that are started meanwhile, do within it. One that has no
 * parent takes {@code TRACEPARENT} of the environment for it, as W3C Trace Context has it, so that a command that a traced
 * program runs is part of that program's trace.
 */
public final class Traces {

    /** What is done within a span. */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        /** Does it. */
        T run() throws E;
    }

    /** Spans are recorded until it is closed, which sends what is left; that takes at most 2 s. */
    public interface Session extends AutoCloseable {
        @Override
        void close();
    }

    private static volatile @Nullable Recorder recorder;

    private Traces() {}

    /**
     * Begins to record if the environment names a {@link Collector}. The process has one session.
     *
     * @param environment the process' environment variables
     * @param warning is told in a sentence why spans are not recorded, or were lost
     */
    public static Session begin(Map<String, String> environment, Consumer<String> warning) {
        Optional<Collector> collector;
        Recorder begun;
        try {
            collector = Collector.from(environment);
            if (collector.isEmpty()) {
                return () -> {};
            }
            begun = Recorder.open(collector.get(), environment);
        } catch (RuntimeException refused) {
            // Whatever the environment asks for that is not here: no command may fail for it.
            warning.accept("Traces are off. " + refused.getMessage());
            return () -> {};
        }
        recorder = begun;
        return () -> {
            recorder = null;
            if (!begun.close()) {
                warning.accept("Spans were lost: the collector at " + collector.get() + " did not take them.");
            }
        };
    }

    /** Does work within a span, which has failed if the work throws. */
    public static <T, E extends Exception> T span(String name, Map<String, String> attributes, Work<T, E> work)
            throws E {
        Recorder on = recorder;
        return on == null ? work.run() : on.span(name, attributes, work);
    }

    /** What makes a span of each call that is made within one; nothing while traces are off. */
    public static Optional<ClientInterceptor> interceptor() {
        Recorder on = recorder;
        // A method reference would link the class, and so need OpenTelemetry, where they are off.
        return on == null ? Optional.empty() : Optional.of(on.interceptor());
    }
}
