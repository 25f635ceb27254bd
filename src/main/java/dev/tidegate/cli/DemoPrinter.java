package dev.tidegate.cli;

import dev.tidegate.agent.PushListener;
import dev.tidegate.agent.PushResult;
import dev.tidegate.agent.PushStatistics;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.demo.Demo;
import dev.tidegate.demo.DemoObserver;
import dev.tidegate.demo.SampleRun;
import dev.tidegate.demo.TreeComparison;
import dev.tidegate.manifest.Change;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.ProgressDisplay;
import dev.tidegate.terminal.Quantities;
import dev.tidegate.terminal.Table;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;

/** Tells what the demo does, step by step. */
final class DemoPrinter implements DemoObserver, AutoCloseable {

    private static final int SHOWN_DIFFERENCES = 20;

    private final Output out;
    private final PrintWriter err;
    private final ProgressOptions progress;
    private final boolean keep;
    private final long begin = System.nanoTime();
    private final Table pushes = new Table()
            .right("SNAPSHOT")
            .right("SEEN")
            .right("READ")
            .right("NEW")
            .right("STORED")
            .right("CHUNKS NEW")
            .right("REUSED")
            .right("TIME");

    private ProgressDisplay display;
    private int pushed;
    private long seen;
    private long stored;
    private String where = "";

    /** Prints on {@code out}, and progress on {@code err}. */
    DemoPrinter(Output out, PrintWriter err, ProgressOptions progress, boolean keep) {
        this.out = out;
        this.err = err;
        this.progress = progress;
        this.keep = keep;
        this.display = progress.show(err, "");
    }

    @Override
    public void begins(Path directory) throws IOException {
        say("Tidegate demo in " + directory);
        say("1. Start a gateway with its own PostgreSQL, and write a training run of a few files ...");
    }

    @Override
    public void ready(GatewayAddress gateway, Duration start, Path tree, SampleRun.Size size) throws IOException {
        say("   The gateway listens on " + gateway + ", after " + Quantities.duration(start) + ". The run is " + tree
                + ": " + Quantities.count(size.files(), "file", "files") + ", " + Quantities.bytes(size.bytes()) + ".");
        say("2. Create the experiment \"" + Demo.EXPERIMENT
                + "\" and push the run three times, with changes between ...");
    }

    @Override
    public PushListener pushes(String change) throws IOException {
        pushed++;
        say("   " + pushed + ": " + change);
        display = progress.show(err, "pushing");
        return new PushListener() {
            @Override
            public void progress(PushStatistics soFar) {
                display.update(soFar.bytesRead() + soFar.bytesUnchanged(), soFar.bytes(), "");
            }
        };
    }

    @Override
    public void pushed(PushResult result) {
        display.close();
        PushStatistics cost = result.statistics();
        pushes.row(
                Long.toString(result.snapshot().getNumber()),
                Quantities.bytes(cost.bytes()),
                Quantities.bytes(cost.bytesRead()),
                Quantities.bytes(cost.bytesNew()),
                Quantities.bytes(cost.bytesStored()),
                Quantities.count(cost.chunksNew()),
                Quantities.count(cost.chunksReused()),
                Quantities.duration(cost.duration()));
        seen += cost.bytes();
        stored += cost.bytesStored();
    }

    @Override
    public PullListener pulls(String snapshot, Path directory) throws IOException {
        say("");
        for (String line : pushes.lines()) {
            say("   " + line);
        }
        say("   Together they hold " + Quantities.bytes(seen) + ", and take " + Quantities.bytes(stored) + ".");
        say("3. Pull snapshot " + snapshot + " into " + directory + " ...");
        where = directory.toString();
        display = progress.show(err, "pulling").withKnownTotal();
        return new PullListener() {
            @Override
            public void progress(PullStatistics soFar) {
                display.update(soFar.bytes(), soFar.bytesTotal(), "");
            }
        };
    }

    @Override
    public void pulled(PullStatistics result) throws IOException {
        display.close();
        say("   " + Quantities.count(result.files(), "file", "files") + ", " + Quantities.bytes(result.bytes()) + " in "
                + Quantities.duration(result.duration()) + " (" + Quantities.rate(result.bytes(), result.duration())
                + ").");
    }

    @Override
    public void compared(TreeComparison.Result result, Path copy) throws IOException {
        say("4. Compare it with " + copy + ", a plain copy made when the snapshot was pushed ...");
        if (result.identical()) {
            say("   Identical: " + Quantities.count(result.entries(), "path", "paths") + ", "
                    + Quantities.bytes(result.bytes())
                    + " byte for byte, permissions, times of modification and links.");
            return;
        }
        say("   NOT IDENTICAL: " + Quantities.count(result.differences().size(), "difference", "differences") + ".");
        for (String difference :
                result.differences().stream().limit(SHOWN_DIFFERENCES).toList()) {
            say("   " + difference);
        }
    }

    @Override
    public void differs(String before, String after, Iterator<Change> changes) throws IOException {
        say("5. What leads from " + before + " to " + after + ":");
        say("");
        new DiffPrinter(changes).print(line -> out.line("   " + line));
        say("");
    }

    @Override
    public void trains(Path directory, int ranks) throws IOException {
        say("6. Run a small job of " + ranks + " ranks, each under \"" + Program.name()
                + " agent run\" in its own directory below " + directory + " ...");
    }

    @Override
    public void prints(int rank, String line) throws IOException {
        say("   [rank " + rank + "] " + line);
    }

    @Override
    public void trained(Map<String, Snapshot> newest) throws IOException {
        say("   Both have ended, and everything that they wrote is safe:");
        say("");
        Table artifacts = new Table()
                .left("ARTIFACT")
                .right("SNAPSHOTS")
                .right("RANKS")
                .right("FILES")
                .right("SIZE")
                .left("WHAT IT IS");
        newest.forEach((type, snapshot) -> artifacts.row(
                Demo.TRAINING + "/" + type,
                Long.toString(snapshot.getNumber()),
                Integer.toString(snapshot.getWriters()),
                Quantities.count(snapshot.getStatistics().getFiles()),
                Quantities.bytes(snapshot.getStatistics().getBytes()),
                switch (type) {
                    case "checkpoints" -> "$OUTPUT_PATH: weights, and the pointers to the latest";
                    case "logs" -> "what the ranks printed";
                    case "lossy" -> "$LOSSY_ARTIFACT_PATH: metrics, appended to";
                    default -> "$CRUD_ARTIFACT_PATH: a database image, edited in place";
                }));
        for (String line : artifacts.lines()) {
            say("   " + line);
        }
        say("   A snapshot of checkpoints holds the same step of all ranks; none mixes two.");
        say("");
    }

    @Override
    public void ends(GatewayAddress gateway, Path directory, Path dataDirectory) throws IOException {
        String program = Program.name();
        say("Done in " + Quantities.duration(Duration.ofNanos(System.nanoTime() - begin)) + ". Everything is in "
                + directory + ":");
        say("   run        the directory that was pushed, as it is now");
        say("   copy-of-2  what it was when snapshot 2 was pushed");
        say("   pulled-2   snapshot 2, pulled");
        say("   training   the directories of the two ranks");
        say("   gateway    the database and the packs of the gateway; gateway.log is its log");
        say("");
        say("To try next" + (keep ? ", in another terminal:" : ":"));
        if (keep) {
            say("   export TIDEGATE_GATEWAY=" + gateway);
        } else {
            say("   " + program + " serve --data-dir " + dataDirectory + " &");
        }
        String artifact = Demo.EXPERIMENT + "/checkpoints";
        say("   " + program + " snapshots " + artifact);
        say("   " + program + " ls " + artifact + "@2 --recursive --long");
        say("   " + program + " cat " + artifact + "@2 logs/rank_0.txt | tail -n 3");
        say("   " + program + " pull " + artifact + "@first " + directory.resolve("pulled-first"));
        say("   diff -r " + where + " " + directory.resolve("pulled-first"));
        say("   " + program + " ls " + Demo.TRAINING + "/checkpoints --recursive");
        say("   " + program + " cat " + Demo.TRAINING + "/logs rank_1.txt");
        say("To remove it all: rm -r " + directory);
        if (keep) {
            say("");
            say("The gateway runs on until Ctrl-C.");
        }
    }

    /** The gateway has been stopped. */
    void stopped() throws IOException {
        say("The gateway has been stopped.");
    }

    @Override
    public void close() {
        display.close();
    }

    private void say(String line) throws IOException {
        out.line(Printable.line(line));
        // Each step is told when it begins, not when the buffer is full.
        out.flush();
    }
}
