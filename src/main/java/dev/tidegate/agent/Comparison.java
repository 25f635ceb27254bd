package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks as a push would, to compare what it finds with what the last push found. */
final class Comparison implements TreeScanner.Visitor {

    private final Selection selection;
    private final Foreign foreign;
    private final Fingerprint fingerprint;

    Comparison(Selection selection, Foreign foreign, Fingerprint fingerprint) {
        this.selection = selection;
        this.foreign = foreign;
        this.fingerprint = fingerprint;
    }

    /** The fingerprint of the walk, which is over. */
    Digest digest() {
        return fingerprint.digest();
    }

    @Override
    public @Nullable List<Path> enter(ScannedDirectory directory, List<Path> children) throws IOException {
        return switch (selection.enter(directory, children)) {
            case Selection.Verdict.Walk(List<Path> taken) -> taken;
            case Selection.Verdict.Keep _ -> null;
        };
    }

    @Override
    public boolean handles(TreePath path, Path file, ScannedDirectory parent) {
        switch (selection.plan(path)) {
            case null -> {
                return false;
            }
            case Selection.Plan.GivenLink(Pointer pointer, Entry.SymbolicLink link, long _) ->
                link(path, file, pointer.stamp(), link);
            case Selection.Plan.GivenFile(Pointer pointer, long _) -> found(path, file, pointer.stamp(), parent);
            case Selection.Plan.Previous _ -> {}
        }
        return true;
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) {
        boolean mine = !foreign.holds(path, stamp);
        Unit unit = selection.unit(path);
        if (stamp.type() == FileStamp.Type.DIRECTORY) {
            if (mine) {
                fingerprint.directory(path, stamp.mode());
            }
            if (unit != null) {
                unit.found().directory(path, stamp.mode());
            }
        } else {
            if (mine) {
                fingerprint.file(path, stamp);
            }
            if (unit != null) {
                unit.found().file(path, stamp);
            }
        }
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) {
        if (!foreign.holds(path, stamp)) {
            fingerprint.link(path, link);
        }
        Unit unit = selection.unit(path);
        if (unit != null) {
            unit.found().link(path, link);
        }
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {}

    @Override
    public void unreadable(TreePath path, String detail) {
        selection.inexact();
    }

    @Override
    public void left(ScannedDirectory directory) throws IOException {
        selection.left(directory);
    }
}
