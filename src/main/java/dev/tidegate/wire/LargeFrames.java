package dev.tidegate.wire;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalProtocolNegotiator.ClientFactory;
import io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Has chunks travel in HTTP/2 frames of up to {@value #FRAME_BYTES} bytes instead of 16 KiB, so that a message takes a few
 * frames and not dozens. Each side tells what it takes (RFC 9113, SETTINGS_MAX_FRAME_SIZE); a peer need not make use of it.
 *
 * <p>grpc-java has no setting for it. A protocol negotiator is handed each connection's handler before it is used, which is
 * all that is needed here; how the connection is made stays what grpc-java does without TLS.
 */
public final class LargeFrames {

    /** The longest frame that is taken. */
    static final int FRAME_BYTES = 256 << 10;

    /** Netty hands out frames no longer than what the channel's buffer takes, which is 64 KiB unless told otherwise. */
    private static final WriteBufferWaterMark BUFFERED = new WriteBufferWaterMark(FRAME_BYTES, 2 * FRAME_BYTES);

    /** A read takes what is there of a frame and the beginning of the next; netty's own bound is 64 KiB. */
    private static final int READ_BYTES = 2 * FRAME_BYTES;

    private LargeFrames() {}

    /** Has a client without TLS take and send large frames. */
    public static NettyChannelBuilder onClient(NettyChannelBuilder builder) {
        InternalNettyChannelBuilder.setProtocolNegotiatorFactory(builder, new ClientFactory() {
            @Override
            public ProtocolNegotiator newNegotiator() {
                return new Announcing(InternalProtocolNegotiators.plaintext(), null);
            }

            @Override
            public int getDefaultPort() {
                return 80;
            }
        });
        return builder.withOption(ChannelOption.WRITE_BUFFER_WATER_MARK, BUFFERED)
                .withOption(ChannelOption.RCVBUF_ALLOCATOR, reads());
    }

    /**
     * Has a server take and send large frames, and grant its clients windows. If it gets a TLS context later, that takes this
     * one's place, and windows stay at {@link ReceiveWindows#LEAST}.
     */
    public static NettyServerBuilder onServer(NettyServerBuilder builder, ReceiveWindows windows) {
        return builder.flowControlWindow(ReceiveWindows.LEAST)
                .protocolNegotiator(new Announcing(InternalProtocolNegotiators.serverPlaintext(), windows))
                .withChildOption(ChannelOption.WRITE_BUFFER_WATER_MARK, BUFFERED)
                .withChildOption(ChannelOption.RCVBUF_ALLOCATOR, reads());
    }

    /** Begins with what a small message takes, and follows what comes. */
    private static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(64, 2 << 10, READ_BYTES);
    }

    private record Announcing(
            ProtocolNegotiator plain, @Nullable ReceiveWindows windows) implements ProtocolNegotiator {
        @Override
        public AsciiString scheme() {
            return plain.scheme();
        }

        @Override
        public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http2) {
            http2.setCumulator(new ReceivedBytes());
            if (windows != null) {
                windows.admit(http2);
            }
            return new Announcement(plain.newHandler(http2), http2, windows != null);
        }

        @Override
        public void close() {
            plain.close();
        }
    }

    /**
     * Tells the frame length behind the connection's first settings, in which it has no place, and what a server grants the
     * connection, and is gone.
     */
    private static final class Announcement extends ChannelInboundHandlerAdapter {

        private final ChannelHandler setup;
        private final GrpcHttp2ConnectionHandler http2;
        private final boolean server;

        private Announcement(ChannelHandler setup, GrpcHttp2ConnectionHandler http2, boolean server) {
            this.setup = setup;
            this.http2 = http2;
            this.server = server;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline().addAfter(context.name(), null, setup);
        }

        /** What comes first is the peer's settings. Ours have been written by then, and no call has begun. */
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ChannelHandlerContext ready = context.pipeline().context(http2);
            if (ready != null) {
                // If it cannot be written the connection is lost, which others notice.
                var _ = http2.encoder()
                        .writeSettings(ready, new Http2Settings().maxFrameSize(FRAME_BYTES), ready.newPromise());
                if (server) {
                    ReceiveWindows.open(http2, ready);
                }
                ready.flush();
                context.pipeline().remove(this);
            }
            context.fireChannelRead(message);
        }
    }
}
