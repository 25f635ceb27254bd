package dev.tidegate.nativeimage;

import java.util.function.BooleanSupplier;

/** The functions in {@code src/main/c}, each around an instruction that the JDK's own code does not use in an executable. */
final class Instructions {

    private Instructions() {}

    /** Whether the executable is linked with them: not if it is built for any processor. */
    static final class AreLinked implements BooleanSupplier {

        @Override
        public boolean getAsBoolean() {
            return Boolean.getBoolean("tidegate.native.instructions");
        }
    }
}
