package dev.tidegate.cli;

/** What the exit codes of all commands mean. */
final class ExitCodes {

    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int INCOMPLETE = 3;

    /** As what was left out: it is not as it was meant, and somebody has to decide. */
    static final int COLLIDED = 3;

    /** The job's own code would be taken for that of the agent: as env(1) and others that run a command. */
    static final int NOT_STARTED = 125;

    /** 128 and the number of SIGPIPE, as of a program that the signal ended: shells know that it is no failure. */
    static final int OUTPUT_CLOSED = 141;

    static final String HEADING = "%nExit codes:%n";
    static final String DONE_TEXT = "0:it is done";
    static final String FAILED_TEXT = "1:it failed, and a sentence on stderr says why";
    static final String USAGE_TEXT = "2:the command line is wrong";
    static final String INCOMPLETE_TEXT = "3:it is done, but something was left out: warnings on stderr say what";
    static final String COLLIDED_TEXT = "3:inputs collide where the policy is to reject: nothing is created";
    static final String INTERRUPTED_TEXT = "130, 143:it was interrupted (SIGINT, SIGTERM); it can be repeated";

    private ExitCodes() {}
}
