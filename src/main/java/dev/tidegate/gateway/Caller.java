package dev.tidegate.gateway;

import dev.tidegate.store.OrganisationId;
import io.grpc.Context;
import java.util.UUID;

/**
 * Who calls.
 *
 * @param organisation the organisation that the call acts for
 */
public record Caller(OrganisationId organisation) {

    static final Context.Key<Caller> KEY = Context.key("tidegate-caller");

    /** The only caller of the embedded default: its one organisation, as the first migration creates it. */
    static final Caller DEFAULT =
            new Caller(new OrganisationId(UUID.fromString("00000000-0000-7000-8000-000000000001")));

    /** What that organisation is called. */
    static final String DEFAULT_NAME = "default";

    /** Returns who makes an HTTP request. */
    public static Caller ofHttp() {
        return DEFAULT;
    }

    /**
     * Returns who makes the call that this thread works on.
     *
     * @throws IllegalStateException if nobody has been identified: no service is ever reached without
     */
    static Caller current() {
        Caller caller = KEY.get();
        if (caller == null) {
            throw new IllegalStateException("a call reached a service without an identity");
        }
        return caller;
    }
}
