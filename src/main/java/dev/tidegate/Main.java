package dev.tidegate;

import dev.tidegate.cli.TidegateCommand;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Where every command starts. Only {@code serve} starts Quarkus; the others open no port and start at once. */
@QuarkusMain
public final class Main {

    private Main() {}

    /** Runs the command named by the first argument and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(TidegateCommand.execute(arguments));
    }
}
