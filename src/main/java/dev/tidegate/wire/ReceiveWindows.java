package dev.tidegate.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Shares out among a server's calls what their clients may have sent before anybody reads it (RFC 9113, 5.2). The calls of one
 * method, which bring many bytes, have the same of it each, up to {@link #MOST}, in {@value #MOST_FRAMES} frames at most; any
 * other has {@link #LEAST}.
 *
 * <p>A window that was granted cannot be taken back: a call whose share becomes smaller is granted no more until what its
 * client has sent is read. The windows of whole connections hold nobody back: grpc-java grants them anew with whatever comes.
 * Thread-safe.
 */
public final class ReceiveWindows {

    /** Enough for 1 GB/s over a round trip of 8 ms. */
    public static final int MOST = 8 << 20;

    /** Most of a request with as many digests as there may be in one. */
    public static final int LEAST = 256 << 10;

    /** How many frames of one call may wait to be read. One may have a byte, and is held with a hundred. */
    static final int MOST_FRAMES = 16 << 10;

    private final String path;
    private final long memory;

    /** The calls of the method. */
    private final Set<Call> calls = new HashSet<>();

    private int share;

    /**
     * Begins without any.
     *
     * @param method the full name of the method whose calls bring many bytes
     * @param memory bytes for all of its calls together
     */
    public ReceiveWindows(String method, long memory) {
        this.path = "/" + method;
        this.memory = memory;
        this.share = share(0);
    }

    /** Has the calls of a connection, whose windows are {@link #LEAST} otherwise, be among those that share. */
    void admit(Http2ConnectionHandler http2) {
        Connection connection = new Connection(http2);
        http2.decoder().frameListener(connection);
        http2.connection().addListener(connection.ends);
    }

    /** Gives a whole connection, which has begun, the window that one of its calls may have. */
    static void open(Http2ConnectionHandler http2, ChannelHandlerContext context) {
        resize(http2, context, http2.connection().connectionStream(), MOST);
    }

    /** A power of two, so that few of the calls that come and go change what the others have. */
    private int share(int count) {
        return Integer.highestOneBit((int) Math.clamp(memory / Math.max(1, count), LEAST, MOST));
    }

    private synchronized void begin(Call call) {
        calls.add(call);
        if (!shareAnew()) {
            call.resize(share);
        }
    }

    private synchronized void end(Call call) {
        calls.remove(call);
        shareAnew();
    }

    private boolean shareAnew() {
        int now = share(calls.size());
        if (now == share) {
            return false;
        }
        share = now;
        calls.forEach(call -> call.resize(now));
        return true;
    }

    /** In the event loop of the connection. */
    private static void resize(
            Http2ConnectionHandler http2, ChannelHandlerContext context, Http2Stream stream, int window) {
        Http2LocalFlowController flow = http2.decoder().flowController();
        try {
            flow.incrementWindowSize(stream, window - flow.initialWindowSize(stream));
            context.flush();
        } catch (Http2Exception broken) {
            http2.onError(context, true, broken);
        }
    }

    /** A call of the method. */
    private static final class Call {
        private final Http2ConnectionHandler http2;
        private final ChannelHandlerContext context;
        private final Http2Stream stream;

        /** The lengths of its frames of which something has not been read, and what they are together. */
        private final ArrayDeque<Integer> frames = new ArrayDeque<>();

        private int bytes;

        private Call(Http2ConnectionHandler http2, ChannelHandlerContext context, Http2Stream stream) {
            this.http2 = http2;
            this.context = context;
            this.stream = stream;
        }

        /** A frame has come, and is among what has not been read. */
        private void came(int length) throws Http2Exception {
            frames.add(length);
            bytes += length;
            int unread = http2.decoder().flowController().unconsumedBytes(stream);
            while (bytes - frames.element() >= unread && frames.size() > 1) {
                bytes -= frames.remove();
            }
            if (frames.size() > MOST_FRAMES) {
                throw Http2Exception.streamError(
                        stream.id(), Http2Error.ENHANCE_YOUR_CALM, "more than %d frames wait to be read", MOST_FRAMES);
            }
        }

        /** Called by any thread. */
        private void resize(int window) {
            context.executor().execute(() -> {
                if (http2.connection().stream(stream.id()) != null) {
                    ReceiveWindows.resize(http2, context, stream, window);
                }
            });
        }
    }

    /** Hears of the calls of a connection, in its event loop. */
    private final class Connection extends Http2FrameListenerDecorator {
        private final Http2ConnectionHandler http2;
        private final Map<Integer, Call> open = new HashMap<>();

        private final Http2ConnectionAdapter ends = new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Call call = open.remove(stream.id());
                if (call != null) {
                    end(call);
                }
            }
        };

        private Connection(Http2ConnectionHandler http2) {
            super(http2.decoder().frameListener());
            this.http2 = http2;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int id,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last)
                throws Http2Exception {
            CharSequence called = headers.path();
            Http2Stream stream = http2.connection().stream(id);
            if (called != null && path.contentEquals(called) && stream != null && !open.containsKey(id)) {
                Call call = new Call(http2, context, stream);
                open.put(id, call);
                begin(call);
            }
            super.onHeadersRead(context, id, headers, dependency, weight, exclusive, padding, last);
        }

        @Override
        public int onDataRead(ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean last)
                throws Http2Exception {
            Call call = open.get(id);
            if (call != null) {
                call.came(data.readableBytes() + padding);
            }
            return super.onDataRead(context, id, data, padding, last);
        }
    }
}
