package dev.tidegate.nativeimage;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import dev.tidegate.content.Digest;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.nativeimage.PinnedObject;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/** {@code content.Hashing} by the processor's instructions, several inputs side by side (ADR 22). */
@TargetClass(className = "dev.tidegate.content.Hashing", onlyWith = Instructions.AreLinked.class)
final class Sha256Lanes {

    @Substitute
    static List<Digest> digests(List<List<ByteBuffer>> inputs) {
        if (inputs.isEmpty()) {
            return List.of();
        }
        byte[] hashes = new byte[inputs.size() * Digest.BYTES];
        try (Pieces pieces = new Pieces(inputs);
                PinnedObject table = PinnedObject.create(pieces.table);
                PinnedObject target = PinnedObject.create(hashes)) {
            Instruction.sha256(
                    table.addressOfArrayElement(0),
                    WordFactory.unsigned(inputs.size()),
                    target.addressOfArrayElement(0));
        } finally {
            // What is not on the heap is freed with its buffer.
            Reference.reachabilityFence(inputs);
        }
        List<Digest> digests = new ArrayList<>(inputs.size());
        for (int from = 0; from < hashes.length; from += Digest.BYTES) {
            digests.add(Digest.read(hashes, from));
        }
        return digests;
    }

    /** Where the pieces of all inputs lie, as C wants to be told; what is on the heap stays there until this is closed. */
    private static final class Pieces implements AutoCloseable {

        private static final int LONGS = 3;

        private final List<PinnedObject> pinned = new ArrayList<>();
        private final long[] table;

        private Pieces(List<List<ByteBuffer>> inputs) {
            int count = 0;
            for (List<ByteBuffer> input : inputs) {
                count += Math.max(1, input.size());
            }
            table = new long[LONGS * count];
            int row = 0;
            for (List<ByteBuffer> input : inputs) {
                for (ByteBuffer piece : input) {
                    if (piece.hasRemaining()) {
                        table[row] = address(piece);
                        table[row + 1] = piece.remaining();
                    }
                    row += LONGS;
                }
                row = input.isEmpty() ? row + LONGS : row;
                table[row - 1] = 1;
            }
        }

        private long address(ByteBuffer piece) {
            if (piece.isDirect()) {
                return MemorySegment.ofBuffer(piece).address();
            }
            byte[] array;
            int from = 0;
            if (piece.hasArray()) {
                array = piece.array();
                from = piece.arrayOffset() + piece.position();
            } else {
                array = new byte[piece.remaining()];
                piece.get(piece.position(), array);
            }
            PinnedObject object = PinnedObject.create(array);
            pinned.add(object);
            return object.addressOfArrayElement(from).rawValue();
        }

        @Override
        public void close() {
            pinned.forEach(PinnedObject::close);
        }
    }

    private static final class Instruction {

        private Instruction() {}

        /** Takes as long as its inputs: a collection of garbage does not wait for it. */
        @CFunction("tidegate_sha256")
        static native void sha256(PointerBase pieces, UnsignedWord inputs, PointerBase digests);
    }
}
