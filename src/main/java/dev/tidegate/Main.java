package dev.tidegate;

import dev.tidegate.cli.TidegateCommand;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.graalvm.nativeimage.ImageInfo;
import org.graalvm.nativeimage.RuntimeOptions;
import org.graalvm.nativeimage.VMRuntime;

/** Where every command starts. Only {@code serve} starts Quarkus; the others open no port and start at once. */
@QuarkusMain
public final class Main {

    /** What any command but {@code serve} may take in an executable; the launcher gives it the same on the virtual machine. */
    private static final long CLIENT_HEAP_BYTES = 128L << 20;

    private Main() {}

    /** Runs the command named by the first argument and exits with its code. */
    public static void main(String[] arguments) {
        if (System.getProperty(ImageInfo.PROPERTY_IMAGE_CODE_KEY) != null) {
            // As the launcher has it on the virtual machine, too.
            if (command(arguments).equals("serve")) {
                RuntimeOptions.set("ExitOnOutOfMemoryError", true);
            } else {
                RuntimeOptions.set("MaxHeapSize", CLIENT_HEAP_BYTES);
            }
            // A native executable that leaves its arguments alone (native-image.properties) leaves this to its program,
            // too. Until then a signal ends it with no hook run, and so does a pipe that nobody reads any more.
            VMRuntime.initialize();
        }
        System.exit(TidegateCommand.execute(arguments));
    }

    /** The first word that is neither an option nor what names the gateway, as the launcher has it; or nothing. */
    static String command(String... arguments) {
        String before = "";
        for (String word : arguments) {
            if (!word.startsWith("-") && !before.equals("--gateway") && !before.equals("--context")) {
                return word;
            }
            before = word;
        }
        return "";
    }
}
