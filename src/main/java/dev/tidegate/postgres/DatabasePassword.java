package dev.tidegate.postgres;

import java.security.SecureRandom;
import java.util.HexFormat;

/** A database user's password. Prints as {@code ***}, so that it reaches no log. */
public final class DatabasePassword {

    private static final int RANDOM_BYTES = 24;

    private final String value;

    private DatabasePassword(String value) {
        this.value = value;
    }

    /**
     * Wraps a password.
     *
     * @throws IllegalArgumentException if it is empty or holds a line break
     */
    public static DatabasePassword of(String value) {
        if (value.isEmpty() || value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("a database password is one line that is not empty");
        }
        return new DatabasePassword(value);
    }

    /** Returns a new password of 192 random bits. */
    static DatabasePassword random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new DatabasePassword(HexFormat.of().formatHex(bytes));
    }

    /** Returns the password itself, for the one who connects with it. */
    public String reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "***";
    }
}
