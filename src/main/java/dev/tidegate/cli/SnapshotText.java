package dev.tidegate.cli;

import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.v1.Collision;
import dev.tidegate.v1.CollisionSide;
import dev.tidegate.v1.LayerNote;
import dev.tidegate.v1.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A snapshot of several writers, in words. */
final class SnapshotText {

    /** Beyond so many, missing ranks are only counted. */
    private static final int NAMED_RANKS = 8;

    private SnapshotText() {}

    /** What is not as it should be; empty if nothing is. */
    static String remarks(Snapshot snapshot) {
        List<String> remarks = new ArrayList<>();
        if (snapshot.getMissingRanksCount() > 0) {
            remarks.add("incomplete: " + missing(snapshot));
        }
        if (snapshot.getCollisions() > 0) {
            remarks.add(Quantities.count(snapshot.getCollisions(), "collision", "collisions"));
        }
        if (snapshot.getNotes() + snapshot.getNotesOmitted() > 0) {
            remarks.add(Quantities.count(snapshot.getNotes() + snapshot.getNotesOmitted(), "note", "notes"));
        }
        return String.join("; ", remarks);
    }

    /** Which ranks are missing. */
    static String missing(Snapshot snapshot) {
        int count = snapshot.getMissingRanksCount();
        String named = snapshot.getMissingRanksList().stream()
                .limit(NAMED_RANKS)
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
        return (count == 1 ? "rank " : "ranks ") + named
                + (count > NAMED_RANKS ? " and " + Quantities.count(count - NAMED_RANKS) + " more" : "") + " missing";
    }

    static String collision(Collision collision) {
        return Printable.line(collision.getPath()) + "  kept " + side(collision.getKept()) + ", not "
                + side(collision.getOther());
    }

    private static String side(CollisionSide side) {
        String what =
                switch (side.getType()) {
                    case ENTRY_TYPE_FILE ->
                        "file, " + Quantities.bytes(side.getSize()) + ", "
                                + Times.text(Json.instant(side.getModifyTime()));
                    case ENTRY_TYPE_DIRECTORY -> "directory";
                    case ENTRY_TYPE_SYMBOLIC_LINK -> "link to " + Printable.line(side.getTarget());
                    case ENTRY_TYPE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
                };
        return "rank " + side.getWriter() + "'s (" + what + ")";
    }

    static String note(LayerNote note) {
        String detail = note.getNote().getDetail();
        return "rank " + note.getWriter() + "  " + note.getNote().getKind() + "  "
                + Printable.line(note.getNote().getPath()) + (detail.isEmpty() ? "" : "  " + Printable.line(detail));
    }
}
