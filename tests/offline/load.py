#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A measurement, not a test: umtrace on loopback under so many messages a second for so long. Every
call must be told with all its polls, nothing may be dropped, a change of state must be told within
0.2 s of its answer, and memory must not grow after the first minute.

    load.py UMTRACE [--seconds SECONDS] [--rate MESSAGES_A_SECOND]

As root, or where a namespace can be made. Ten minutes at 2,000 messages a second, on a machine with
nothing else to do:

    load.py build/release/umtrace --seconds 600"""
import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import captures

INSIDE = "UMTRACE_TEST_NAMESPACE"
CONNECTIONS, POLLS, TICK = 20, 10, 0.02
SETTLED, EVERY = 60, 10  # seconds: memory is measured against this time; a line so often
WITHIN = 0.2  # seconds from an answer to its line
GROWTH = 1.1  # of the peak, from the first minute on
SKIP = 77


def receive(peer, end, count):
    data = b""
    while data.count(end) < count:
        chunk = peer.recv(1 << 20)
        if not chunk:
            return False
        data += chunk
    return True


def serve(listener):
    """The n-th answer of a connection ends a call when n is a multiple of POLLS."""
    live = captures.reply(captures.answer("Connected"))
    over = captures.reply(captures.answer("Disconnected"))

    def answer(peer):
        count = 0
        while receive(peer, b"</s:Envelope>", 1):
            count += 1
            peer.sendall(over if count % POLLS == 0 else live)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()


def memory(pid):
    """KB: now, and at the peak."""
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        found = {line.split(":")[0]: int(line.split()[1]) for line in f
                 if line.startswith(("VmRSS", "VmHWM"))}
    return found["VmRSS"], found["VmHWM"]


class Told:
    """What umtrace writes, taken as it comes."""

    def __init__(self, stream):
        self.changes = {}  # (call id, state) -> when its line was there
        self.calls = self.polls = 0
        self.findings = []
        self.summary = {}
        self.reader = threading.Thread(target=self.read, args=(stream,))
        self.reader.start()

    def read(self, stream):
        for line in stream:
            came, told = time.monotonic(), json.loads(line)
            if told["type"] == "state":
                self.changes[told["call_id"], told["state"]] = came
            elif told["type"] == "call":
                self.calls += 1
                self.polls += told["polls"]
            elif told["type"] == "finding":
                self.findings.append(told)
            elif told["type"] == "summary":
                self.summary = told


class Talk:
    """The clients: what was asked, and when each change of state was answered."""

    def __init__(self, address):
        self.peers = [socket.create_connection(address) for _ in range(CONNECTIONS)]
        for peer in self.peers:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.polled = 0  # on all connections together
        self.answered = {}

    def round(self):
        """A poll on each connection."""
        number, place = divmod(self.polled // CONNECTIONS, POLLS)
        state = {0: "Connected", POLLS - 1: "Disconnected"}.get(place)
        ids = ["load-%d-%d" % (k, number) for k in range(CONNECTIONS)]
        for peer, call_id in zip(self.peers, ids):
            peer.sendall(captures.request(captures.question(call_id)))
        for peer, call_id in zip(self.peers, ids):
            receive(peer, b"</s:Envelope>", 1)
            if state:
                self.answered[call_id, state] = time.monotonic()
        self.polled += CONNECTIONS

    def hold(self, seconds, rate, pid):
        """Talks; the peak of memory after the first minute, None when it did not last that long."""
        began, due, settled = time.monotonic(), 0, None
        while (now := time.monotonic() - began) < seconds:
            while self.polled < int(now * rate / 2):
                self.round()
            if now >= due:
                held, peak = memory(pid)
                print("%4.0f s %8d messages %7d KB, peak %d KB" % (now, 2 * self.polled, held, peak),
                      flush=True)
                due += EVERY
                if settled is None and now >= SETTLED:
                    settled = peak
            time.sleep(max(0, TICK - (time.monotonic() - began - now)))
        for peer in self.peers:
            peer.close()
        return settled

    @property
    def calls(self):
        return -(-(self.polled // CONNECTIONS) // POLLS) * CONNECTIONS


def latencies(talk, told):
    """Seconds from each answer to its line, ascending; those whose line never came are left out."""
    return sorted(told.changes[key] - when for key, when in talk.answered.items()
                  if key in told.changes)


def dropped(findings):
    for finding in findings:
        found = re.search(r"kernel dropped (\d+) packet", finding["text"])
        if found:
            return int(found.group(1))
    return 0


def main(args):
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    with subprocess.Popen([os.path.abspath(args.umtrace), "-i", "lo", "--follow", "-F", "ndjson"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        print(run.stderr.readline().decode().strip())
        told = Told(run.stdout)
        talk = Talk(listener.getsockname())
        settled = talk.hold(args.seconds, args.rate, run.pid)
        time.sleep(1)
        _, peak = memory(run.pid)
        run.send_signal(signal.SIGINT)
        told.reader.join()
    waits = latencies(talk, told)
    names = [finding["name"] for finding in told.findings]
    is_flat = settled is None or peak <= settled * GROWTH
    print("messages: %d in %.0f s; calls: %d of %d told (%d before the end); polls: %d of %d told"
          % (2 * talk.polled, args.seconds, told.calls, talk.calls,
             told.summary.get("calls_released", 0), told.polls, talk.polled))
    print("packets dropped by the kernel: %d; findings about the capture: %s"
          % (dropped(told.findings), ", ".join(names) or "none"))
    print("peak memory: %s after the first minute, %d KB at the end"
          % ("%d KB" % settled if settled else "not known", peak))
    print("from answer to line: %d of %d changes told; median %.4f s, 99 %% within %.4f s, longest %.4f s"
          % (len(waits), len(talk.answered), waits[len(waits) // 2], waits[len(waits) * 99 // 100],
             waits[-1]))
    is_good = (told.calls, told.polls, names, len(waits)) == (talk.calls, talk.polled, [],
                                                              len(talk.answered))
    sys.exit(0 if is_good and is_flat and waits[-1] <= WITHIN else 1)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("umtrace")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2000)
    return parser.parse_args()


if __name__ == "__main__":
    ARGS = arguments()
    if INSIDE not in os.environ:
        COMMAND = ["unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]
        if subprocess.run([*COMMAND, "true"], capture_output=True, check=False).returncode != 0:
            print("no network namespace can be made here")
            sys.exit(SKIP)
        os.environ[INSIDE] = "1"
        os.execvp(COMMAND[0], [*COMMAND, sys.executable, *sys.argv])
    main(ARGS)
