package dev.tidegate.client;

import org.jspecify.annotations.Nullable;

/** A call ended because its thread was interrupted or its connection closed. Nothing is known about its effect. */
public final class CallInterruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says in {@code message} what ended. */
    public CallInterruptedException(String message) {
        super(message);
    }

    /** As the other constructor, of a call that was to be repeated because of {@code away}. */
    CallInterruptedException(String message, @Nullable GatewayException away) {
        super(message, away);
    }
}
