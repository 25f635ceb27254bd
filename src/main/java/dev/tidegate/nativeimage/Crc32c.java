package dev.tidegate.nativeimage;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.util.zip.CRC32C;
import org.graalvm.nativeimage.PinnedObject;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/**
 * {@link CRC32C} by the processor's instruction. The virtual machine has it by itself; a native executable would go
 * through tables, five times as slow (ADR 21). Its two methods are those that the virtual machine replaces, too.
 */
@TargetClass(value = CRC32C.class, onlyWith = Instructions.AreLinked.class)
final class Crc32c {

    @Substitute
    private static int updateBytes(int crc, byte[] bytes, int from, int to) {
        if (from >= to) {
            return crc;
        }
        try (PinnedObject pinned = PinnedObject.create(bytes)) {
            return Instruction.update(crc, pinned.addressOfArrayElement(from), WordFactory.unsigned(to - from));
        }
    }

    @Substitute
    private static int updateDirectByteBuffer(int crc, long address, int from, int to) {
        return from >= to
                ? crc
                : Instruction.update(crc, WordFactory.pointer(address + from), WordFactory.unsigned(to - from));
    }

    private static final class Instruction {

        private Instruction() {}

        /** Holds no lock and comes back within a millisecond, so a collection of garbage may wait for it. */
        @CFunction(value = "tidegate_crc32c", transition = CFunction.Transition.NO_TRANSITION)
        static native int update(int crc, PointerBase bytes, UnsignedWord length);
    }
}
