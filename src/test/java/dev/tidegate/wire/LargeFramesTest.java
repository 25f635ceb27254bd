package dev.tidegate.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LargeFramesTest {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private static final int SETTINGS = 4;
    private static final int ACK = 1;
    private static final int MAX_FRAME_SIZE = 5;

    @Test
    void serverTellsThatItTakesLargeFrames() throws Exception {
        // Given
        Server server = LargeFrames.onServer(
                        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        new ReceiveWindows("test.Service/Stream", 16 << 20))
                .build()
                .start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            // When
            client.getOutputStream().write(PREFACE);
            client.getOutputStream().write(EMPTY_SETTINGS);

            // Then
            assertThat(announcedFrameSize(client)).isEqualTo(LargeFrames.FRAME_BYTES);
        } finally {
            server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void clientTellsThatItTakesLargeFrames() throws Exception {
        // Given
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ManagedChannel channel = LargeFrames.onClient(
                            NettyChannelBuilder.forAddress("127.0.0.1", server.getLocalPort()))
                    .build();
            try {
                // When
                channel.getState(true);

                // Then
                try (Socket accepted = server.accept()) {
                    OutputStream out = accepted.getOutputStream();
                    assertThat(accepted.getInputStream().readNBytes(PREFACE.length))
                            .isEqualTo(PREFACE);
                    out.write(EMPTY_SETTINGS);
                    assertThat(announcedFrameSize(accepted)).isEqualTo(LargeFrames.FRAME_BYTES);
                }
            } finally {
                channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            }
        }
    }

    /** Reads frames until settings name the size. */
    private static int announcedFrameSize(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            in.readInt();
            if (type != SETTINGS || flags == ACK) {
                in.skipNBytes(length);
                continue;
            }
            for (int read = 0; read < length; read += 6) {
                int setting = in.readUnsignedShort();
                int value = in.readInt();
                if (setting == MAX_FRAME_SIZE) {
                    return value;
                }
            }
        }
    }
}
