package dev.tidegate.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells that a gateway is away and for how long it is tried, once that has lasted for a moment, and not again before it was
 * reached. Thread-safe.
 */
final class Absence {

    /** What is over by then is not worth a word. */
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private static final Duration ENDLESS = Duration.ofDays(1);

    private final GatewayAddress address;
    private final Duration limit;
    private final Consumer<String> listener;

    /** Counts how often the gateway was lost, or was to be reached for the first time. */
    private long number;

    private boolean away;
    private boolean told;

    /**
     * Prepares.
     *
     * @param limit for how long the gateway is tried
     */
    Absence(GatewayAddress address, Duration limit, Consumer<String> listener) {
        this.address = address;
        this.limit = limit;
        this.listener = listener;
    }

    /** Follows a channel to its end: an address where nobody answers at all makes no call fail for long. */
    void follow(ManagedChannel channel) {
        ConnectivityState state = channel.getState(false);
        switch (state) {
            case CONNECTING, TRANSIENT_FAILURE -> begin();
            case READY -> end(true);
            // Nobody calls.
            case IDLE -> end(false);
            case SHUTDOWN -> {
                end(false);
                return;
            }
        }
        channel.notifyWhenStateChanged(state, () -> follow(channel));
    }

    /**
     * A call failed and is tried again.
     *
     * @param lasted since its first failure
     * @param limit for how long after that it is tried
     */
    void failed(GatewayException failure, Duration lasted, Duration limit) {
        if (lasted.compareTo(MOMENT) >= 0) {
            String what = failure instanceof GatewayUnreachableException ? unreachable() : "" + failure.getMessage();
            tell(what, limit.minus(lasted));
        }
    }

    private synchronized void begin() {
        if (!away) {
            away = true;
            number++;
            long begun = number;
            CompletableFuture.delayedExecutor(MOMENT.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(() -> check(begun));
        }
    }

    private synchronized void end(boolean reached) {
        away = false;
        told &= !reached;
    }

    private void check(long begun) {
        synchronized (this) {
            if (!away || number != begun) {
                return;
            }
        }
        tell(unreachable(), limit.minus(MOMENT));
    }

    private void tell(String what, Duration left) {
        synchronized (this) {
            if (told) {
                return;
            }
            told = true;
        }
        listener.accept(what + "; it is tried "
                + (left.compareTo(ENDLESS) > 0
                        ? "until it answers"
                        : "for another " + left.plusMillis(999).toSeconds() + " s"));
    }

    private String unreachable() {
        return "cannot reach the gateway at " + address + " yet";
    }
}
