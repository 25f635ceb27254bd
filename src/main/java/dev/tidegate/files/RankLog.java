package dev.tidegate.files;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The file of the logs artifact that holds what the job prints on one node. */
public final class RankLog {

    private static final Pattern NAME = Pattern.compile("rank_(0|[1-9][0-9]{0,8})\\.txt");

    private RankLog() {}

    /** Its name, for a rank from 0. */
    public static String name(int rank) {
        return "rank_" + rank + ".txt";
    }

    /** The rank whose log has this name; empty if it is no such name. */
    public static OptionalInt rank(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }
}
