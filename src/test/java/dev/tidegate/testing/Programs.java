package dev.tidegate.testing;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Programs of this machine that tests make use of. */
public final class Programs {

    private static final int LIMIT_SECONDS = 60;

    private Programs() {}

    /** Runs one without a word; false if it fails, takes longer than a minute, or is not there. */
    public static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
