# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that speak TLS, driven through their standard input and output, and tcpdump beside them."""
import os
import signal
import socket
import subprocess
import threading
import time

PATIENCE_S = 10


class Program:
    """A program with pipes on both sides; what it prints is gathered."""

    def __init__(self, command, environment=None):
        self.command = command
        self.output = bytearray()
        self.changed = threading.Condition()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, bufsize=0,
                                        env={**os.environ, **(environment or {})})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for piece in iter(lambda: self.process.stdout.read(65536), b""):
            with self.changed:
                self.output += piece
                self.changed.notify_all()

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def hear(self, text, after=0):
        """Waits until `text` stands in the output; its end."""
        with self.changed:
            good = self.changed.wait_for(lambda: self.output.find(text, after) >= 0, PATIENCE_S)
            if not good:
                raise RuntimeError("%s: no %r in %r" % (self.command, text[:80],
                                                       bytes(self.output[after:])[-1500:]))
            return self.output.find(text, after) + len(text)

    def end_input(self):
        self.process.stdin.close()

    def wait(self):
        self.process.wait(PATIENCE_S)
        self.reader.join(PATIENCE_S)
        return bytes(self.output)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def await_port(port):
    """Until somebody listens; asks the system, since a connection would be captured."""
    wanted = ":%04X" % port
    for _ in range(100):
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            with open(table, encoding="ascii") as f:
                if any(line.split()[1].endswith(wanted) and line.split()[3] == "0A"
                       for line in f if ":" in line.split()[0]):
                    return
        time.sleep(0.05)
    raise RuntimeError("nobody listens on %d" % port)


class Capture:
    """tcpdump on the loopback interface, one port."""

    def __init__(self, port, path):
        self.path = path
        self.tcpdump = subprocess.Popen(
            ["tcpdump", "-i", "lo", "-s", "0", "--immediate-mode", "-U", "-Z", "root", "-w", path,
             "tcp port %d" % port], stderr=subprocess.PIPE)
        self.tcpdump.stderr.readline()

    def end(self):
        size = -1
        while size != os.path.getsize(self.path):
            size = os.path.getsize(self.path)
            time.sleep(0.3)
        self.tcpdump.send_signal(signal.SIGINT)
        told = self.tcpdump.communicate()[1]
        if b"\n0 packets dropped by kernel" not in told:
            raise RuntimeError(told.decode())


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def converse(client, server, pairs, request, reply):
    """Says each pair through two programs."""
    heard = [len(client.output), len(server.output)]
    for asked, answered in pairs:
        client.say(request(asked))
        heard[1] = server.hear(asked, heard[1])
        server.say(reply(answered))
        heard[0] = client.hear(answered, heard[0])
