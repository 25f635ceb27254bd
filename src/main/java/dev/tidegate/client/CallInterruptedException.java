package dev.tidegate.client;

/** A call ended because its thread was interrupted or its connection closed. Nothing is known about its effect. */
public final class CallInterruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says in {@code message} what ended. */
    public CallInterruptedException(String message) {
        super(message);
    }
}
