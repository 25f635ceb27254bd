package dev.tidegate.agent.run;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shows what the job prints, by reading the file that the job itself writes to. Should nobody take what is shown, only this
 * waits. How far it has come is remembered, so that an agent that takes the job up goes on there; after a kill some output
 * may be shown twice.
 */
final class LogTail implements AutoCloseable {

    private static final int BUFFER = 64 << 10;
    private static final long POLL_MILLIS = 100;
    private static final long RECORD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String OFFSET = "offset";

    private final Path log;
    private final Path record;
    private final OutputStream out;
    private final CountDownLatch jobEnded = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().daemon().name("tidegate-tail").unstarted(this::run);
    private final AtomicLong offset;
    private long recordedOffset;
    private long recordedAt = System.nanoTime();

    private LogTail(Path log, Path record, OutputStream out, long offset) {
        this.log = log;
        this.record = record;
        this.out = out;
        this.offset = new AtomicLong(offset);
        this.recordedOffset = offset;
    }

    /**
     * Shows what the job prints.
     *
     * @param begin after how many bytes of {@code log} its output begins
     * @param record where it is remembered how far it was shown, so that this goes on where an earlier agent has been
     */
    static LogTail from(long begin, Path record, Path log, OutputStream out) {
        LogTail tail = new LogTail(log, record, out, recorded(record).orElse(begin));
        tail.thread.start();
        return tail;
    }

    /** How far it was shown; empty if that is not known, as after a power cut. */
    private static OptionalLong recorded(Path record) {
        try {
            String offset = StateFile.read(record).orElse(Map.of()).get(OFFSET);
            return offset == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(offset));
        } catch (IOException | NumberFormatException damaged) {
            return OptionalLong.empty();
        }
    }

    /** Shows what is left once the job has ended; gives up when nobody takes anything for {@code patience}. */
    void finish(Duration patience) throws InterruptedException {
        jobEnded.countDown();
        long before;
        do {
            before = offset.get();
        } while (!thread.join(patience) && offset.get() != before);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
            while (true) {
                // Before the file is read: what is there then was written by the job.
                boolean last = jobEnded.getCount() == 0;
                int length = file.read(buffer.clear(), offset.get());
                if (length > 0) {
                    out.write(buffer.array(), 0, length);
                    out.flush();
                    offset.addAndGet(length);
                } else if (file.size() < offset.get()) {
                    // It was cut off, as by the copytruncate of logrotate(8): the job goes on at its beginning.
                    offset.set(0);
                } else if (last) {
                    return;
                } else if (jobEnded.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    continue;
                }
                if (System.nanoTime() - recordedAt >= RECORD_NANOS) {
                    record();
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (IOException nobodyReads) {
            // Whoever looked has gone; the file has everything.
        }
    }

    private void record() {
        recordedAt = System.nanoTime();
        if (offset.get() != recordedOffset) {
            recordedOffset = offset.get();
            try {
                StateFile.write(record, Map.of(OFFSET, Long.toString(recordedOffset)), false);
            } catch (IOException full) {
                // Should the agent be killed, more is shown twice.
            }
        }
    }
}
