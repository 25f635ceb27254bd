package dev.tidegate.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Permissions of files count for the tests of a class as they do for an ordinary user, also where root runs them.
 *
 * <p>Linux keeps capabilities for each thread: the thread of a test, and those that it starts, do without the two that let
 * root read and write everything. The files are root's all the same, so they are their owner's. Without Linux, and for
 * anybody but root, there is nothing to do.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OrdinaryUser.Extension.class)
public @interface OrdinaryUser {

    /** Takes the capabilities away before each test and gives them back behind it. */
    final class Extension implements BeforeTestExecutionCallback, AfterTestExecutionCallback {

        /** CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: capability.h. */
        private static final int OVERRIDING = 1 << 1 | 1 << 2;

        /** _LINUX_CAPABILITY_VERSION_3. */
        private static final int VERSION = 0x20080522;

        private static final int PID_BYTES_OFFSET = 4;

        /** Two of effective, permitted and inheritable, the lower bits first. */
        private static final int DATA_BYTES = 2 * 3 * Integer.BYTES;

        @Override
        public void beforeTestExecution(ExtensionContext context) {
            change(false);
        }

        @Override
        public void afterTestExecution(ExtensionContext context) {
            change(true);
        }

        private static void change(boolean overriding) {
            Optional<MemorySegment> get = Linker.nativeLinker().defaultLookup().find("capget");
            Optional<MemorySegment> set = Linker.nativeLinker().defaultLookup().find("capset");
            if (get.isEmpty() || set.isEmpty()) {
                return;
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment header = arena.allocate(ValueLayout.JAVA_LONG);
                header.set(ValueLayout.JAVA_INT, 0, VERSION);
                header.set(ValueLayout.JAVA_INT, PID_BYTES_OFFSET, 0);
                MemorySegment data = arena.allocate(DATA_BYTES, Integer.BYTES);
                call(get.get(), header, data);
                int effective = data.get(ValueLayout.JAVA_INT, 0);
                int permitted = data.get(ValueLayout.JAVA_INT, Integer.BYTES);
                data.set(
                        ValueLayout.JAVA_INT,
                        0,
                        overriding ? effective | (permitted & OVERRIDING) : effective & ~OVERRIDING);
                call(set.get(), header, data);
            }
        }

        private static void call(MemorySegment function, MemorySegment header, MemorySegment data) {
            MethodHandle handle = Linker.nativeLinker()
                    .downcallHandle(
                            function,
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            int result;
            try {
                result = (int) handle.invokeExact(header, data);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
            if (result != 0) {
                throw new AssertionError("the capabilities of this thread cannot be changed");
            }
        }
    }
}
