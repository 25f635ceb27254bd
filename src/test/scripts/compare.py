#!/usr/bin/env python3
"""Runs Tidegate and the peers that are installed side by side, and prints Markdown tables of medians.

Every run makes new data from its seed, so that nothing is known to a store beforehand, and gives the same data to each
peer in turn. The gateway is one long-running process, as in use; every client command is a new process. Nothing is
asserted: figures are for docs/performance.md.

    src/test/scripts/compare.py                    # all workloads, 5 runs
    src/test/scripts/compare.py edits --runs 3     # one of: edits, large, small, growth, sync
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

MIB = 1 << 20
TIDEGATE = Path(__file__).resolve().parents[3] / "tidegate"


def run(command, environment=None, cwd=None):
    """Runs a command; returns its seconds, its peak resident MiB and its output. Stops on a failure."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd,
            env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{err.read().decode()}")
        return seconds, usage.ru_maxrss / 1024, out.read().decode()


def tree_size(directory):
    return sum(f.stat().st_size for f in Path(directory).rglob("*") if f.is_file() and not f.is_symlink()) / MIB


def write_random(path, size, generator):
    with open(path, "wb") as file:
        for start in range(0, size, 8 * MIB):
            file.write(generator.randbytes(min(8 * MIB, size - start)))


def overwrite(directory, share, extent, generator):
    """Overwrites a share of each file's bytes in place, in aligned extents."""
    for path in sorted(Path(directory).iterdir()):
        slots = path.stat().st_size // extent
        with open(path, "r+b") as file:
            for slot in generator.sample(range(slots), max(1, int(slots * share))):
                file.seek(slot * extent)
                file.write(generator.randbytes(extent))


def write_small_files(directory, generator):
    """100,000 files of 0 to 8 KiB in 1,000 directories."""
    for index in range(1000):
        folder = directory / f"d{index % 10}" / f"e{index}"
        folder.mkdir(parents=True)
        for file in range(100):
            (folder / f"f{file}.txt").write_bytes(generator.randbytes(generator.randrange(8192)))


def assert_same(left, right):
    run(["diff", "-r", "--no-dereference", left, right])


def seconds_of(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


TOUCH = """
import mmap
with mmap.mmap(-1, 1536 << 20) as memory:
    block = b"1" * (1 << 20)
    while memory.tell() < len(memory):
        memory.write(block)
"""


def settle():
    """To be called before what is measured: nothing is left to be written, and there is memory at hand.

    A virtual machine may give back to its host what has been free for seconds, and has to ask for it again, at a tenth of the
    speed of memory: who fills the page cache would pay for that or not, as it happens. So as much as a command takes is used and
    left just before; by a process of its own, for Linux counts what this one takes as the memory of its children, too.
    """
    os.sync()
    run([sys.executable, "-c", TOUCH])


def gib_rate(seconds):
    """MB/s of 1 GiB in so many seconds."""
    return 1024 * MIB / 1e6 / seconds


def copy_flushed(sources, target):
    """Copies files into one, until it is on the disk. What is read is in memory."""
    with open(target, "wb") as file:
        for source in sources:
            with open(source, "rb") as part:
                shutil.copyfileobj(part, file, MIB)
        file.flush()
        os.fsync(file.fileno())


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class Gateway:
    """A gateway of its own, on ports of its own."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir()
        ready = self.directory / "ready.json"
        self.log = open(self.directory / "gateway.log", "wb")
        self.process = subprocess.Popen(
            [TIDEGATE, "serve", "--data-dir", self.directory / "data", "--grpc-port", "0", "--http-port", "0",
             "--ready-file", ready], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        while not ready.exists():
            if self.process.poll() is not None:
                sys.exit(f"the gateway ended: see {self.log.name}")
            time.sleep(0.05)
        ports = json.loads(ready.read_text())
        self.address = f"127.0.0.1:{ports['grpc_port']}"
        self.http = f"http://127.0.0.1:{ports['http_port']}"

    def cli(self, *arguments):
        return run([TIDEGATE, *arguments],
                   {"TIDEGATE_GATEWAY": self.address, "XDG_CACHE_HOME": str(self.directory / "cache")})

    def packs(self):
        return tree_size(self.directory / "data" / "packs")

    def heap(self):
        """MiB of heap in use now, as the gateway's metrics say."""
        with urllib.request.urlopen(self.http + "/q/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith("jvm_memory_used_bytes") and 'area="heap"' in line) / MIB

    def resident(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


class Tidegate:
    name = "tidegate"

    def __init__(self, gateway, kind="crud"):
        self.gateway = gateway
        self.kind = kind

    def prepare(self, run_directory):
        self.experiment = f"run-{os.getpid()}-{time.monotonic_ns()}"
        self.gateway.cli("experiment", "create", self.experiment)
        self.artifact = f"{self.experiment}/{self.kind}"
        self.before = self.gateway.packs()

    def push(self, directory):
        return self.gateway.cli("push", directory, "--artifact", self.artifact, "--output", "json")

    def pull(self, target):
        return self.gateway.cli("pull", self.artifact, target, "--output", "json")

    def sync(self, source, target):
        return self.gateway.cli("sync", self.artifact, target, "--output", "json")

    def stored(self):
        return self.gateway.packs() - self.before


class Borg:
    """Borg with 64 KiB chunks, no compression and no encryption."""
    name = "borg, 64 KiB chunks"
    chunker = ["--chunker-params", "buzhash,14,18,16,4095"]
    environment = {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}

    def prepare(self, run_directory):
        self.repository = run_directory / "borg"
        self.base = run_directory / "borg-home"
        self.base.mkdir()
        self.count = 0
        self._borg("init", "--encryption", "none", self.repository)

    def _borg(self, *arguments, cwd=None):
        return run(["borg", *arguments], {**self.environment, "BORG_BASE_DIR": str(self.base)}, cwd)

    def push(self, directory):
        self.count += 1
        return self._borg("create", "--compression", "none", *self.chunker,
                          f"{self.repository}::{self.count}", ".", cwd=directory)

    def pull(self, target):
        target.mkdir()
        return self._borg("extract", f"{self.repository}::{self.count}", cwd=target)

    def stored(self):
        return tree_size(self.repository)


class Restic:
    name = "restic, no compression"

    def prepare(self, run_directory):
        self.repository = run_directory / "restic"
        self.cache = run_directory / "restic-cache"
        self._restic("init")

    def _restic(self, *arguments, cwd=None):
        return run(["restic", "--compression", "off", "-r", self.repository, *arguments],
                   {"RESTIC_PASSWORD": "none", "RESTIC_CACHE_DIR": str(self.cache)}, cwd)

    def push(self, directory):
        return self._restic("backup", ".", cwd=directory)

    def pull(self, target):
        return self._restic("restore", "latest", "--target", target)

    def sync(self, source, target):
        return self.pull(target)

    def stored(self):
        return tree_size(self.repository)


class Rsync:
    """From one local directory to another: nothing is stored, and nothing goes over a network."""
    name = "rsync -a --no-whole-file"

    def prepare(self, run_directory):
        pass

    def push(self, directory):
        return 0, 0, ""

    def sync(self, source, target):
        return run(["rsync", "-a", "--no-whole-file", f"{source}/", target])


def installed_peers():
    return [peer() for peer, program in ((Borg, "borg"), (Restic, "restic")) if shutil.which(program)]


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---" for _ in head) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def median(values, digits=2):
    return f"{statistics.median(values):.{digits}f}"


def edits(gateway, directory, runs, seed):
    """512 MiB incompressible in 5 files, then 5 % overwritten in 256 KiB extents, then 5 % in 16 KiB extents."""
    peers = [Tidegate(gateway), *installed_peers()]
    figures = {peer.name: [] for peer in peers}
    for number in range(runs):
        generator = random.Random(seed + number)
        source = directory / "source"
        source.mkdir()
        for index in range(5):
            write_random(source / f"file{index}.bin", 512 * MIB // 5, generator)
        run_directory = directory / "run"
        run_directory.mkdir()
        for peer in peers:
            peer.prepare(run_directory)
        rounds = [lambda: None,
                  lambda: overwrite(source, 0.05, 256 << 10, generator),
                  lambda: overwrite(source, 0.05, 16 << 10, generator)]
        measured = {peer.name: [] for peer in peers}
        for change in rounds:
            change()
            # The order changes, so that nobody always finds the pages warm or the disk busy.
            for peer in random.Random(seed + number).sample(peers, len(peers)):
                settle()
                seconds, memory, _ = peer.push(source)
                measured[peer.name] += [seconds, peer.stored(), memory]
        for peer in peers:
            settle()
            target = run_directory / "restored"
            seconds, memory, _ = peer.pull(target)
            measured[peer.name] += [seconds, memory]
            assert_same(source, target)
            shutil.rmtree(target)
        for peer in peers:
            figures[peer.name].append(measured[peer.name])
        shutil.rmtree(run_directory)
        shutil.rmtree(source)
    print(f"\n{edits.__doc__} Medians of {runs}; seconds, cumulative MiB stored.\n")
    rows = []
    for peer in peers:
        columns = list(zip(*figures[peer.name]))
        rows.append([peer.name, median(columns[0]), median(columns[3]), median(columns[6]),
                     " → ".join(median(columns[i], 0) for i in (1, 4, 7)),
                     median(columns[9]), median([max(c) for c in zip(columns[2], columns[5], columns[8], columns[10])], 0)])
    table(["", "first push", "256 KiB extents", "16 KiB extents", "stored", "restore", "peak RSS, MiB"], rows)


def large(gateway, directory, runs, seed):
    """1 GiB incompressible in one file: first push and pull, beside what the machine itself does."""
    peers = [Tidegate(gateway, "checkpoints"), *installed_peers()]
    figures = {peer.name: [] for peer in peers}
    hashed, flushed = [], []
    for number in range(runs):
        source, run_directory = directory / "source", directory / "run"
        source.mkdir()
        run_directory.mkdir()
        model = source / "model.bin"
        write_random(model, 1024 * MIB, random.Random(seed + 100 + number))
        hashed.append(gib_rate(seconds_of(lambda: sha256(model))))
        settle()
        flushed.append(gib_rate(seconds_of(lambda: copy_flushed([model], run_directory / "copy"))))
        (run_directory / "copy").unlink()
        for peer in random.Random(seed + number).sample(peers, len(peers)):
            peer.prepare(run_directory)
            settle()
            push, push_memory, _ = peer.push(source)
            settle()
            pull, pull_memory, _ = peer.pull(run_directory / "restored")
            figures[peer.name].append([gib_rate(push), gib_rate(pull), max(push_memory, pull_memory)])
            assert_same(source, run_directory / "restored")
            shutil.rmtree(run_directory / "restored")
        shutil.rmtree(run_directory)
        shutil.rmtree(source)
    print(f"\n{large.__doc__} Medians of {runs}; whole commands.\n")
    table(["", "push, MB/s", "pull, MB/s", "peak RSS, MiB"],
          [[name, *(median(column, 0) for column in zip(*measured))] for name, measured in figures.items()]
          + [["reading and hashing it on one core", median(hashed, 0), median(hashed, 0), ""],
             ["copying it, flushed", median(flushed, 0), median(flushed, 0), ""]])


def small(gateway, directory, runs, seed):
    """100,000 files of 0 to 8 KiB in 1,000 directories: first push, unchanged push, pull."""
    firsts, agains, pulls, memory, read = [], [], [], [], []
    for number in range(runs):
        generator = random.Random(seed + 200 + number)
        source = directory / "source"
        write_small_files(source, generator)
        tidegate = Tidegate(gateway)
        tidegate.prepare(directory)
        settle()
        first, first_memory, _ = tidegate.push(source)
        again, again_memory, out = tidegate.push(source)
        read.append(json.loads(out).get("bytes_read", -1))
        pull, pull_memory, _ = tidegate.pull(directory / "target")
        firsts.append(first)
        agains.append(again)
        pulls.append(pull)
        memory.append(max(first_memory, again_memory, pull_memory))
        assert_same(source, directory / "target")
        shutil.rmtree(directory / "target")
        shutil.rmtree(source)
    print(f"\n{small.__doc__} Medians of {runs}; seconds.\n")
    table(["first push", "unchanged push", "bytes read then", "pull", "client's peak RSS, MiB"],
          [[median(firsts), median(agains), str(max(read)), median(pulls), median(memory, 0)]])


def growth(gateway, directory, runs, seed):
    """One file of 1 GiB and one of 8 GiB: what memory they take."""
    rows = []
    for gibibytes in (1, 8):
        source = directory / "source"
        source.mkdir()
        write_random(source / "model.bin", gibibytes * 1024 * MIB, random.Random(seed + 300 + gibibytes))
        tidegate = Tidegate(gateway)
        tidegate.prepare(directory)
        push, push_memory, _ = tidegate.push(source)
        shutil.rmtree(source)
        pull, pull_memory, _ = tidegate.pull(directory / "target")
        shutil.rmtree(directory / "target")
        rows.append([f"{gibibytes} GiB", median([push], 1), median([pull], 1), median([push_memory], 0),
                     median([pull_memory], 0), median([gateway.heap()], 0), median([gateway.resident()], 0)])
    print(f"\n{growth.__doc__}\n")
    table(["file", "push, s", "pull, s", "pushing client's RSS, MiB", "pulling client's RSS, MiB",
           "gateway's heap in use, MiB", "gateway's peak RSS, MiB"], rows)


def sync(gateway, directory, runs, seed):
    """Into a directory: 1 GiB in 8 files, again after 1 % was overwritten in 256 KiB extents; 100,000 files of 0 to 8 KiB, and again with nothing changed."""
    tools = [Tidegate(gateway)]
    tools += [Rsync()] if shutil.which("rsync") else []
    tools += [Restic()] if shutil.which("restic") else []
    figures = {tool.name: [] for tool in tools}
    flushed = []
    for number in range(runs):
        generator = random.Random(seed + 400 + number)
        source, many = directory / "source", directory / "many"
        source.mkdir()
        for index in range(8):
            write_random(source / f"shard-{index}.bin", 128 * MIB, generator)
        write_small_files(many, generator)
        settle()
        flushed.append(seconds_of(lambda: copy_flushed(source.iterdir(), directory / "copy")))
        (directory / "copy").unlink()
        columns = {tool.name: [] for tool in tools}
        for tool in tools:
            tool.prepare(directory)
            tool.push(source)
        for tool in tools:
            settle()
            columns[tool.name] += tool.sync(source, directory / tool.name)[:2]
        overwrite(source, 0.01, 256 << 10, generator)
        for tool in tools:
            tool.push(source)
        for tool in tools:
            settle()
            columns[tool.name] += tool.sync(source, directory / tool.name)[:2]
            run(["diff", "-r", "--no-dereference", "--exclude=.tidegate", source, directory / tool.name])
            shutil.rmtree(directory / tool.name)
        for tool in tools:
            if tool.name == Tidegate.name:
                tool.prepare(directory)
            tool.push(many)
        for tool in tools:
            settle()
            columns[tool.name] += tool.sync(many, directory / tool.name)[:2]
            columns[tool.name] += tool.sync(many, directory / tool.name)[:2]
            shutil.rmtree(directory / tool.name)
            figures[tool.name].append(columns[tool.name])
        for leftover in (source, many, directory / "restic", directory / "restic-cache"):
            shutil.rmtree(leftover, ignore_errors=True)
    print(f"\n{sync.__doc__} Medians of {runs}; seconds, whole commands.\n")
    rows = []
    for name, runs_of_tool in figures.items():
        columns = list(zip(*runs_of_tool))
        rows.append([name, *(median(columns[i]) for i in (0, 2, 4, 6)),
                     median([max(c) for c in zip(columns[1], columns[3], columns[5], columns[7])], 0)])
    rows.append(["copying it, flushed", median(flushed), "", "", "", ""])
    table(["", "first, 1 GiB", "1 % changed", "first, 100,000 files", "unchanged", "peak RSS, MiB"], rows)


WORKLOADS = {"edits": edits, "large": large, "small": small, "growth": growth, "sync": sync}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*", choices=[*WORKLOADS, []], help="all of them unless named")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", type=Path, help="where to work; needs 40 GB for all workloads")
    arguments = parser.parse_args()
    run([TIDEGATE, "--version"])
    with tempfile.TemporaryDirectory(prefix="tidegate-compare-", dir=arguments.directory) as work:
        # PostgreSQL runs as another user than root and has to get there.
        os.chmod(work, 0o755)
        for name in arguments.workload or WORKLOADS:
            gateway = Gateway(Path(work) / f"gateway-{name}")
            try:
                directory = Path(work) / name
                directory.mkdir()
                WORKLOADS[name](gateway, directory, arguments.runs, arguments.seed)
                print(f"Gateway: peak RSS {gateway.resident():.0f} MiB, heap in use at the end {gateway.heap():.0f} MiB.")
            finally:
                gateway.stop()
                shutil.rmtree(gateway.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
