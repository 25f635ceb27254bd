package dev.tidegate.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A gRPC client that sends what no library would: frames of HTTP/2 (RFC 9113) on a socket, as a test says. */
public final class RawHttp2 implements AutoCloseable {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;

    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int FRAME_BYTES = 16 << 10;

    private final Socket socket;
    private final DataOutputStream out;
    private final CountDownLatch acknowledged = new CountDownLatch(1);
    private final Set<Integer> ended = ConcurrentHashMap.newKeySet();

    /** What may be sent still, by stream; all below 0 is guarded by this. */
    private final Map<Integer, Long> windows = new TreeMap<>();

    private long initialWindow = 65_535;
    private int nextStream = 1;
    private boolean gone;

    /** Connects to a server on this machine; returns once its settings hold. */
    public RawHttp2(int port) throws IOException, InterruptedException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        out = new DataOutputStream(socket.getOutputStream());
        out.write(PREFACE);
        windows.put(0, initialWindow);
        frame(SETTINGS, 0, 0, new byte[0]);
        Thread.ofVirtual().start(this::listen);
        acknowledged.await();
    }

    /** Begins a call of a method with the full name {@code method}; returns its stream. */
    public int call(String method) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        header(block, ":method", "POST");
        header(block, ":scheme", "http");
        header(block, ":path", "/" + method);
        header(block, ":authority", "localhost");
        header(block, "te", "trailers");
        header(block, "content-type", "application/grpc");
        synchronized (this) {
            int stream = nextStream;
            nextStream += 2;
            windows.put(stream, initialWindow);
            frame(HEADERS, END_HEADERS, stream, block.toByteArray());
            return stream;
        }
    }

    /**
     * Sends bytes as the windows allow.
     *
     * @return how many were sent: all, unless the stream was ended or the connection is gone, or {@code patience} ms went by
     *     without room for more
     */
    public int send(int stream, byte[] bytes, long patience) throws IOException, InterruptedException {
        int sent = 0;
        while (sent < bytes.length) {
            synchronized (this) {
                long end = System.nanoTime() + patience * 1_000_000;
                while (Math.min(window(0), window(stream)) <= 0) {
                    long left = (end - System.nanoTime()) / 1_000_000;
                    if (gone || ended.contains(stream) || left <= 0) {
                        return sent;
                    }
                    wait(left);
                }
                int length =
                        (int) Math.min(Math.min(FRAME_BYTES, bytes.length - sent), Math.min(window(0), window(stream)));
                windows.merge(0, (long) -length, Long::sum);
                windows.merge(stream, (long) -length, Long::sum);
                byte[] part = new byte[length];
                System.arraycopy(bytes, sent, part, 0, length);
                frame(DATA, 0, stream, part);
                sent += length;
            }
        }
        return sent;
    }

    /** How many bytes the server lets a stream send now. */
    public synchronized long window(int stream) {
        return windows.getOrDefault(stream, 0L);
    }

    /** The streams that the server has answered or reset. */
    public Set<Integer> ended() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Literal, without a table and without Huffman codes (RFC 7541, 6.2.2). */
    private static void header(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String text : new String[] {name, value}) {
            block.write(text.length());
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        synchronized (out) {
            out.write(payload.length >> 16);
            out.writeShort(payload.length);
            out.write(type);
            out.write(flags);
            out.writeInt(stream);
            out.write(payload);
            out.flush();
        }
    }

    private void listen() {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(length);
                if (type == SETTINGS && flags != ACK) {
                    settings(new DataInputStream(new ByteArrayInputStream(payload)), length);
                    frame(SETTINGS, ACK, 0, new byte[0]);
                    acknowledged.countDown();
                } else if (type == PING && flags != ACK) {
                    frame(PING, ACK, 0, payload);
                } else if (type == RST_STREAM || (type == HEADERS && (flags & END_STREAM) != 0)) {
                    ended.add(stream);
                } else if (type == WINDOW_UPDATE) {
                    grant(stream, new DataInputStream(new ByteArrayInputStream(payload)).readInt());
                }
                synchronized (this) {
                    notifyAll();
                }
            }
        } catch (IOException closed) {
            acknowledged.countDown();
            synchronized (this) {
                gone = true;
                notifyAll();
            }
        }
    }

    private synchronized void settings(DataInputStream payload, int length) throws IOException {
        for (int read = 0; read < length; read += 6) {
            int setting = payload.readUnsignedShort();
            int value = payload.readInt();
            if (setting == INITIAL_WINDOW_SIZE) {
                long more = value - initialWindow;
                initialWindow = value;
                windows.replaceAll((stream, window) -> stream == 0 ? window : window + more);
            }
        }
    }

    private synchronized void grant(int stream, int more) {
        windows.merge(stream, (long) more, Long::sum);
    }
}
