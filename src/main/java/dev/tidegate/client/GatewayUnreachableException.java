package dev.tidegate.client;

import dev.tidegate.v1.ErrorReason;
import java.util.Map;

/** No gateway answered at the address for as long as the {@link RetryPolicy} allows. */
public final class GatewayUnreachableException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private final transient GatewayAddress address;

    GatewayUnreachableException(GatewayAddress address, Throwable cause) {
        super(
                ErrorReason.ERROR_REASON_UNSPECIFIED,
                "cannot reach the gateway at " + address + ": is `tidegate serve` running?",
                Map.of(),
                true,
                cause);
        this.address = address;
    }

    /** Where nobody answered. */
    public GatewayAddress address() {
        return address;
    }
}
