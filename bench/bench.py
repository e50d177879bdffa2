#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures umtrace beside what a user would take instead, on captures whose truth is known.

    bench.py --quick      100 MB of each kind, two minutes; writes nothing
    bench.py              100 MB and 1 GB of each kind; writes the tables of docs/performance.md
    bench.py --long       the same, and 10 GB of each kind through a pipe
    bench.py --modes tls12-keys,tls13-keys    of these captures alone; other tables stay

All tools of a capture run in turn, several times; the figures are medians, as multiples of what a
bare libpcap loop needs for the same capture in the same run, and where TLS is opened also of what
OpenSSL alone needs. Tools that take minutes for a gigabyte run on the 100 MB alone. Captures are made in --work, and stay there for the next run.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import tables
import truth

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODES = ["mixed", "soapy", "messy", "mirror", "lossy", "smallpkt", "tls"]
# with TLS secrets beside
KEYS_MODES = ["tls12-keys", "tls12-keys-large", "tls12-keys-soapy", "tls12-keys-few",
              "tls12-keys-polls", "tls13-keys"]
SMALL, LARGE, HUGE = 10**8, 10**9, 10**10
RUNS_FAST, RUNS_SLOW = 5, 1


class Tool:
    def __init__(self, name, command, answer, is_slow=False, leaves_out=()):
        self.name = name
        self.command = command        # {capture}, {keys}, {record}
        self.answer = answer          # (output, truth) -> text
        self.is_slow = is_slow
        self.leaves_out = leaves_out  # modes

    def is_there(self):
        return shutil.which(self.command[0]) is not None

    def cost(self, args, command, output, _known):
        return measure(args.build, command, output)


class Speed(Tool):
    """A command that tells how many bytes it does in a second, not what these bytes take."""

    def cost(self, args, command, output, known):
        _, memory = measure(args.build, command, output)
        with open(output, encoding="utf-8") as f:
            told = [line for line in f if line.startswith("+F:")][0]
        return known.counts["said"] / float(told.split(":")[-1]), memory


def tools_with_keys(build):
    """For captures whose TLS is to be opened; what OpenSSL alone needs is the yardstick there."""
    umtrace = [build + "/umtrace", "-F", "json", "-k", "{keys}", "{capture}"]
    tshark = ["tshark", "-n", "-q", "-o", "tls.keylog_file:{keys}", "-z", "http,tree", "-r",
              "{capture}"]
    speed = ["openssl", "speed", "-evp", "aes-128-gcm", "-decrypt", "-seconds", "1", "-mr",
             "-bytes"]
    return [
        Tool("libpcap loop", [build + "/bench/um_bench_loop", "{capture}"], truth.none),
        Speed(tables.KEYS_YARDSTICK, speed + ["16384"], truth.none),
        Speed(tables.RECORDS_YARDSTICK, speed + ["{record}"], truth.none),
        Tool("umtrace", umtrace, truth.umtrace),
        Tool("tshark -z http,tree", tshark, truth.tshark, is_slow=True),
    ]


def tools_of(build, folder):
    return [
        Tool("libpcap loop", [build + "/bench/um_bench_loop", "{capture}"], truth.none),
        Tool("umtrace", [build + "/umtrace", "-F", "json", "{capture}"], truth.umtrace),
        Tool("tcpdump -w", ["tcpdump", "-r", "{capture}", "-w", "/dev/null"], truth.none),
        Tool("ngrep", ["ngrep", "-q", "-t", "-W", "byline", "-I", "{capture}", "<CallState>"],
             truth.matched_packets, is_slow=True),
        Tool("urlsnarf (libnids)", ["urlsnarf", "-n", "-p", "{capture}"], truth.lines_with(b"HTTP/1"),
             is_slow=True),
        Tool("tcpflow -e http", ["tcpflow", "-e", "http", "-o", folder, "-r", "{capture}"],
             truth.bodies(folder), is_slow=True, leaves_out=("smallpkt",)),
        Tool("tshark -z http,tree", ["tshark", "-n", "-q", "-z", "http,tree", "-r", "{capture}"],
             truth.tshark, is_slow=True),
    ]


def measure(build, command, output):
    """Seconds of CPU, MB at the peak."""
    said = subprocess.run([build + "/bench/um_bench_measure", output] + command,
                          capture_output=True, text=True, check=True, timeout=560).stdout
    cpu, memory_kb, status = said.split()
    if status not in ("0", "1"):
        print("bench: exit status %s: %s" % (status, " ".join(command)), file=sys.stderr)
    return float(cpu), int(memory_kb) / 1024


def make(build, work, mode, size):
    """A capture and its truth, from the last time when it is the same generator."""
    generator = build + "/bench/um_bench_gen"
    base = os.path.join(work, "%s-%d" % (mode, size))
    if not os.path.exists(base + ".truth") or \
            os.path.getmtime(base + ".truth") < os.path.getmtime(generator):
        files = [base + ".pcap", base + ".new"] + [base + ".keys"] * (mode in KEYS_MODES)
        subprocess.run([generator, mode, str(size)] + files, check=True)
        os.rename(base + ".new", base + ".truth")
    return base, truth.Truth(base + ".truth")


def read_once(path):
    """Into the page cache."""
    with open(path, "rb", buffering=0) as f:
        while f.read(1 << 20):
            pass


def empty(folder):
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))


def run_tools(args, tools, folder, mode, size, with_slow):
    """name -> row of the tools that ran, on one capture, alternating."""
    base, known = make(args.build, args.work, mode, size)
    read_once(base + ".pcap")
    output = os.path.join(args.work, "output")
    runs, answers = {}, {}
    chosen = [t for t in tools if t.is_there() and mode not in t.leaves_out and
              (with_slow or not t.is_slow)]
    for turn in range(RUNS_FAST):
        for tool in chosen:
            if turn >= (RUNS_SLOW if tool.is_slow else RUNS_FAST):
                continue
            command = [part.format(capture=base + ".pcap", keys=base + ".keys",
                                   record=known.mean_record()) for part in tool.command]
            empty(folder)
            runs.setdefault(tool.name, []).append(tool.cost(args, command, output, known))
            if turn == 0:
                answers[tool.name] = tool.answer(output, known)
    return tables.rows_of(mode, size, runs, answers)


def through_pipe(args, mode, size):
    """umtrace's row on a capture that is made while it is read: none of it is on a disk."""
    known, output = os.path.join(args.work, "pipe.truth"), os.path.join(args.work, "output")
    reader = "%s/bench/um_bench_gen %s %d - %s | exec %s/bench/um_bench_measure %s " \
             "%s/umtrace -F json -" % (args.build, mode, size, known, args.build, output, args.build)
    said = subprocess.run(["sh", "-c", reader], capture_output=True, text=True, check=True).stdout
    cpu, memory_kb, _ = said.split()
    answer = truth.umtrace(output, truth.Truth(known))
    return tables.Row(mode, size, tables.PIPE, float(cpu), 0, None, int(memory_kb) / 1024, answer)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/bench"))
    parser.add_argument("--modes", default=",".join(MODES + KEYS_MODES))
    return parser.parse_args()


def main():
    args = arguments()
    os.makedirs(args.work, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        tools, with_keys = tools_of(args.build, folder), tools_with_keys(args.build)
        for tool in tools + with_keys[1:2]:
            if not tool.is_there():
                print("bench: %s is not there" % tool.command[0], file=sys.stderr)
        for mode in args.modes.split(","):
            chosen = with_keys if mode in KEYS_MODES else tools
            found = run_tools(args, chosen, folder, mode, SMALL, with_slow=True)
            if not args.quick:
                found += run_tools(args, chosen, folder, mode, LARGE,
                                   with_slow=mode == KEYS_MODES[0])
            if args.long and mode not in KEYS_MODES:
                found += [through_pipe(args, mode, size) for size in (SMALL, LARGE, HUGE)]
            print(tables.text(found), flush=True)
            rows += found
            if not args.quick:
                tables.write(os.path.join(ROOT, "docs/performance.md"), rows)


if __name__ == "__main__":
    main()
