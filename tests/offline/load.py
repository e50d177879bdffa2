#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A measurement, not a test: umtrace on loopback under so many messages a second for so long. Every
call must be told with all its polls, nothing may be dropped, and memory must not grow.

    load.py UMTRACE [SECONDS [MESSAGES_A_SECOND]]    as root, or where a namespace can be made"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import captures

UMTRACE = os.path.abspath(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 60
RATE = float(sys.argv[3]) if len(sys.argv) > 3 else 2000
INSIDE = "UMTRACE_TEST_NAMESPACE"
CONNECTIONS, POLLS, TICK = 20, 10, 0.02
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
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return {line.split(":")[0]: int(line.split()[1]) for line in f
                if line.startswith(("VmRSS", "VmHWM"))}


def talk(address, run):
    peers = [socket.create_connection(address) for _ in range(CONNECTIONS)]
    for peer in peers:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    polled, calls, began, seen = 0, 0, time.monotonic(), 0
    while (now := time.monotonic() - began) < SECONDS:
        due = int(now * RATE / 2)
        while polled < due:
            for k, peer in enumerate(peers):
                call = "load-%d-%d" % (k, polled // CONNECTIONS // POLLS)
                peer.sendall(captures.request(captures.question(call)))
            for peer in peers:
                receive(peer, b"</s:Envelope>", 1)
            polled += CONNECTIONS
        if now >= seen:
            print("%4.0f s %8d messages  %s" % (now, 2 * polled, memory(run.pid)), flush=True)
            seen += 10
        time.sleep(max(0, TICK - (time.monotonic() - began - now)))
    for peer in peers:
        peer.close()
    calls = -(-(polled // CONNECTIONS) // POLLS) * CONNECTIONS
    return polled, calls


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    with tempfile.TemporaryFile() as out:
        run = subprocess.Popen([UMTRACE, "-i", "lo", "--follow", "-F", "ndjson"], stdout=out,
                               stderr=subprocess.PIPE)
        print(run.stderr.readline().decode().strip())
        polled, calls = talk(listener.getsockname(), run)
        time.sleep(1)
        print("end", memory(run.pid))
        run.send_signal(signal.SIGINT)
        run.wait()
        out.seek(0)
        lines = [json.loads(line) for line in out]
    told = [line for line in lines if line["type"] == "call"]
    findings = [line["name"] for line in lines if line["type"] == "finding"]
    summary = lines[-1]
    polls = sum(call["polls"] for call in told)
    print("asked: %d calls, %d polls; told: %d calls (%d of them before the end), %d polls; "
          "findings about the capture: %s"
          % (calls, polled, len(told), summary.get("calls_released", 0), polls, findings))
    sys.exit(0 if (len(told), polls, findings) == (calls, polled, []) else 1)


if __name__ == "__main__":
    if INSIDE not in os.environ:
        command = ["unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
            print("no network namespace can be made here")
            sys.exit(SKIP)
        os.environ[INSIDE] = "1"
        os.execvp(command[0], [*command, sys.executable, *sys.argv])
    main()
