package dev.tidegate.store.file;

import dev.tidegate.store.PackBytes;
import dev.tidegate.store.PackId;
import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads packs through channels that stay open: the most recently used ones, shared by all readers. Thread-safe.
 *
 * <p>A channel that leaves the cache, because another needs its place or its pack is deleted, is closed when its last
 * reader is done. Until then there are as many more as there are readers.
 *
 * <p>Java closes a channel when a thread that reads from it is interrupted, which a cancelled call is, and so fails the
 * other readers of that channel. So each of them, interrupted or not, opens the pack again and reads again; the
 * interrupt status is set again once it is done. Every repetition takes another interrupt, so they end.
 */
final class OpenPacks implements PackBytes, AutoCloseable {

    private static final int MAX_READ = 1 << 20;

    private final Function<PackId, Path> paths;
    private final int capacity;
    private final Map<PackId, Shared> cache = new LinkedHashMap<>(16, 0.75f, true);
    private long removals;
    private boolean closed;

    OpenPacks(Function<PackId, Path> paths, int capacity) {
        this.paths = paths;
        this.capacity = capacity;
    }

    @Override
    public long length(PackId pack) {
        return with(pack, FileChannel::size);
    }

    @Override
    public void read(PackId pack, long offset, ByteBuffer target) {
        int start = target.position();
        int limit = target.limit();
        with(pack, channel -> {
            target.position(start).limit(limit);
            int count = 0;
            while (target.position() < limit && count >= 0) {
                // The JDK keeps, for each thread, a direct buffer as long as the longest read into an array.
                target.limit(Math.min(limit, target.position() + MAX_READ));
                count = channel.read(target, offset + target.position() - start);
                target.limit(limit);
            }
            return count;
        });
    }

    /** Forgets a pack that is deleted: nobody who asks from here on finds it open. */
    synchronized void remove(PackId pack) {
        removals++;
        Shared shared = cache.remove(pack);
        if (shared != null) {
            shared.retire();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        cache.values().forEach(Shared::retire);
        cache.clear();
    }

    /** How many channels are open in the cache. */
    synchronized int size() {
        return cache.size();
    }

    private <T> T with(PackId pack, Read<T> read) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                Shared shared = acquire(pack);
                try {
                    return read.from(shared.channel);
                } catch (ClosedChannelException interrupt) {
                    interrupted |= Thread.interrupted();
                } catch (IOException failure) {
                    throw new StoreException.Unavailable("reading pack " + pack + " failed", failure);
                } finally {
                    release(shared);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Shared acquire(PackId pack) {
        long removalsBefore;
        synchronized (this) {
            Shared cached = cached(pack);
            if (cached != null) {
                return cached;
            }
            removalsBefore = removals;
        }
        // Opened outside of the lock: a slow disk must not stop the readers of other packs.
        Shared opened = new Shared(open(pack));
        synchronized (this) {
            Shared cached = closed ? null : cached(pack);
            if (cached != null) {
                opened.retire();
                opened.release();
                return cached;
            }
            if (closed || removals != removalsBefore) {
                // It may have been deleted since, and nobody would take it out of the cache again.
                opened.retire();
            } else {
                cache.put(pack, opened);
                evict();
            }
            return opened;
        }
    }

    private @Nullable Shared cached(PackId pack) {
        if (closed) {
            throw new IllegalStateException("the pack store is closed");
        }
        Shared shared = cache.get(pack);
        if (shared != null && !shared.channel.isOpen()) {
            cache.remove(pack);
            shared.retire();
            return null;
        }
        if (shared != null) {
            shared.readers++;
        }
        return shared;
    }

    private void evict() {
        Iterator<Shared> eldest = cache.values().iterator();
        List<Shared> evicted = new ArrayList<>();
        for (int excess = cache.size() - capacity; excess > 0; excess--) {
            evicted.add(eldest.next());
            eldest.remove();
        }
        evicted.forEach(Shared::retire);
    }

    private synchronized void release(Shared shared) {
        shared.release();
    }

    private FileChannel open(PackId pack) {
        try {
            return FileChannel.open(paths.apply(pack), StandardOpenOption.READ);
        } catch (NoSuchFileException none) {
            throw new StoreException.NoSuchPack(pack);
        } catch (IOException failure) {
            throw new StoreException.Unavailable("opening pack " + pack + " failed", failure);
        }
    }

    @FunctionalInterface
    private interface Read<T> {
        T from(FileChannel channel) throws IOException;
    }

    /** A channel and the number of its readers; guarded by the cache's lock. Begins with the one who opened it. */
    private static final class Shared {

        private final FileChannel channel;
        private int readers = 1;
        private boolean retired;

        Shared(FileChannel channel) {
            this.channel = channel;
        }

        void release() {
            readers--;
            closeIfUnused();
        }

        void retire() {
            retired = true;
            closeIfUnused();
        }

        private void closeIfUnused() {
            if (retired && readers == 0) {
                try {
                    channel.close();
                } catch (IOException nothingToLose) {
                    // It was only read from.
                }
            }
        }
    }
}
