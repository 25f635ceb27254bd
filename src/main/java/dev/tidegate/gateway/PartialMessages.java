package dev.tidegate.gateway;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what all calls together hold of messages that have not come to their end. The transport gives back the window of a
 * message that is read as its parts come, so nothing else stops clients that send all of their messages but a byte. If there is
 * more than may be, the calls whose messages began first end: a message of somebody who sends has come before long.
 */
final class PartialMessages extends ServerStreamTracer.Factory {

    /** What each part takes besides its bytes. */
    private static final int PART_BYTES = 256;

    private final long memory;

    /** Those of which a part has come and the end has not, and what they hold, in the order in which their messages began. */
    private final Map<Call, Long> partial = new LinkedHashMap<>();

    private long held;

    /** Begins with none; {@code memory} is in bytes. */
    PartialMessages(long memory) {
        this.memory = memory;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Call();
    }

    private void came(Call call, long bytes) {
        List<Call> oldest = new ArrayList<>();
        synchronized (this) {
            partial.merge(call, bytes, Long::sum);
            held += bytes;
            Iterator<Map.Entry<Call, Long>> calls = partial.entrySet().iterator();
            while (held > memory && calls.hasNext()) {
                Map.Entry<Call, Long> first = calls.next();
                held -= first.getValue();
                calls.remove();
                oldest.add(first.getKey());
            }
        }
        oldest.forEach(Call::end);
    }

    private synchronized void ended(Call call) {
        Long bytes = partial.remove(call);
        if (bytes != null) {
            held -= bytes;
        }
    }

    /** One call; the transport calls it. */
    private final class Call extends ServerStreamTracer {
        private volatile Context.@Nullable CancellableContext context;

        @Override
        public Context filterContext(Context parent) {
            Context.CancellableContext own = parent.withCancellation();
            context = own;
            return own;
        }

        @Override
        public void inboundWireSize(long bytes) {
            came(this, bytes + PART_BYTES);
        }

        @Override
        public void inboundMessageRead(int number, long bytes, long uncompressed) {
            ended(this);
        }

        @Override
        public void streamClosed(Status status) {
            ended(this);
            cancel(null);
        }

        /** A time that has passed is the one cause for which grpc-java ends a call, from whichever thread. */
        private void end() {
            cancel(new TimeoutException("there is no room for messages that come so slowly: send it again"));
        }

        private void cancel(@Nullable Throwable cause) {
            Context.CancellableContext own = context;
            if (own != null) {
                own.cancel(cause);
            }
        }
    }
}
