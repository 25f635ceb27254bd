package dev.tidegate.agent;

import java.util.Map;

/**
 * The locale of the user's programs. Java reads arguments and names in the encoding of the locale and loses what is not
 * in it, so the launcher gives this process one that has everything, and leaves word of what {@code LC_ALL} was.
 */
public final class UserLocale {

    private static final String ORIGINAL = "TIDEGATE_LC_ALL";

    private UserLocale() {}

    /** Puts it back into the environment of a program that is started for the user. */
    public static void restore(Map<String, String> environment) {
        String original = environment.remove(ORIGINAL);
        if (original == null) {
            return;
        }
        if (original.isEmpty()) {
            environment.remove("LC_ALL");
        } else {
            environment.put("LC_ALL", original);
        }
    }
}
