#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""umtrace while calls go on: on the loopback interface of a network namespace of its own, and
behind a pipe.

    live.py UMTRACE [unittest options]"""
import json
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import captures

UMTRACE = os.path.abspath(sys.argv.pop(1))
SKIP = 77
WITHIN = 0.2  # seconds from an answer to its line
LONG = 20  # seconds after which something is wrong
SMALL = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1")  # memory that is freed is free
# A process that was forked from a large one is as large in the system's books: a small one asks.
MEASURE = ("import resource, subprocess, sys; "
           "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
INSIDE = "UMTRACE_TEST_NAMESPACE"


class Lines:
    """A umtrace that runs, and its lines with the times at which they came."""

    def __init__(self, *options, stdin=subprocess.DEVNULL, prefix=(), program=UMTRACE):
        self.process = subprocess.Popen([*prefix, program, *options], stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = queue.Queue()
        self.errors = queue.Queue()
        self.readers = [threading.Thread(target=self.read, args=args, daemon=True)
                        for args in ((self.process.stdout, self.lines),
                                     (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, into):
        for line in stream:
            into.put((time.monotonic(), line.decode().rstrip("\n")))
        into.put((time.monotonic(), None))

    def next(self, seconds=LONG):
        return self.lines.get(timeout=seconds)

    def ready(self):
        line = self.errors.get(timeout=LONG)[1]
        assert "reading from" in (line or ""), line
        return self

    def rest(self):
        lines = []
        while (line := self.next()[1]) is not None:
            lines.append(line)
        return lines

    def interrupt(self, number=signal.SIGINT):
        self.process.send_signal(number)
        rest = self.rest()
        return self.process.wait(LONG), rest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        for reader, stream in zip(self.readers, (self.process.stdout, self.process.stderr)):
            reader.join()
            stream.close()


def serve(listener):
    """Answers each request with the bytes that the client put behind its head in X-Answer."""
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            data = b""
            while chunk := peer.recv(65536):
                data += chunk
                while b"\r\n\r\n" in data:
                    head, _, rest = data.partition(b"\r\n\r\n")
                    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
                    length = int(fields[b"Content-Length"])
                    if len(rest) < length:
                        break
                    data = rest[length:]
                    state, cause = fields[b"X-Answer"].decode().split("/")
                    peer.sendall(captures.reply(captures.answer(state, cause)))


class Talk:
    """Polls over one connection on loopback."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(self.listener,), daemon=True).start()
        self.client = socket.create_connection(self.listener.getsockname())
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def poll(self, state, cause="None"):
        """The time at which the answer was there."""
        fields = "X-Answer: %s/%s\r\n" % (state, cause)
        self.client.sendall(captures.request(captures.question(), fields))
        data = b""
        while not data.endswith(b"</s:Envelope>"):
            data += self.client.recv(65536)
        return time.monotonic()

    def close(self):
        self.client.close()
        self.listener.close()


class Interface(unittest.TestCase):
    def setUp(self):
        if INSIDE not in os.environ:
            self.skipTest("no network namespace can be made here")
        self.talk = Talk()
        self.addCleanup(self.talk.close)

    def test_each_change_is_told_within_a_fifth_of_a_second(self):
        with Lines("-i", "lo", "--follow", "-F", "ndjson") as run:
            run.ready()
            for before, state, cause in ((None, "Connecting", "None"),
                                         ("Connecting", "Connected", "None"),
                                         ("Connected", "Disconnected", "UserBusy")):
                answered = self.talk.poll(state, cause)
                came, line = run.next()
                told = json.loads(line)
                print("%s told after %.4f s" % (state, came - answered), file=sys.stderr)
                self.assertLess(came - answered, WITHIN)
                self.assertEqual((told["type"], told["from"], told["state"], told["cause"]),
                                 ("state", before, state, cause))
                self.assertEqual(told["call_id"], captures.CALL_ID)
                self.talk.poll(state, cause)  # no news: the next line is that of the next state
            status, rest = run.interrupt()
        self.assertEqual(status, 0)
        kinds = [json.loads(line)["type"] for line in rest]
        self.assertEqual(kinds, ["capture", "call", "summary"])
        self.assertEqual(json.loads(rest[1])["outcome"], "failed")

    def test_rights_are_given_back(self):
        with Lines("-i", "lo", "--follow") as run:
            run.ready()
            with open("/proc/%d/status" % run.process.pid, encoding="ascii") as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            self.assertEqual(run.interrupt()[0], 0)
        for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")
        for kind in ("Uid", "Gid"):
            self.assertNotIn("0", status[kind].split(), kind)
        self.assertNotIn("0", status["Groups"].split())

    def test_rights_go_to_who_called_sudo(self):
        prefix = ("env", "SUDO_UID=1234", "SUDO_GID=1235")
        with Lines("-i", "lo", "--follow", prefix=prefix) as run:
            run.ready()
            with open("/proc/%d/status" % run.process.pid, encoding="ascii") as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            run.interrupt()
        self.assertEqual(status["Uid"].split(), ["1234"] * 4)
        self.assertEqual(status["Gid"].split(), ["1235"] * 4)
        self.assertEqual(status["Groups"].split(), ["1235"])

    def test_termination_ends_with_the_report_too(self):
        with Lines("-i", "lo") as run:
            run.ready()
            self.talk.poll("Connected")
            time.sleep(0.3)
            status, rest = run.interrupt(signal.SIGTERM)
        self.assertEqual(status, 0)
        self.assertTrue(any("Call 1: open" in line for line in rest), rest)

    def test_filter_lets_through_what_it_says(self):
        with Lines("-i", "lo", "-f", "tcp port 1", "-V", "summary", "-F", "ndjson") as run:
            run.ready()
            self.talk.poll("Connected")
            time.sleep(0.3)
            _, rest = run.interrupt()
        self.assertEqual(json.loads(rest[0])["packets"], 0)

    def test_packets_that_were_dropped_are_a_finding(self):
        """While it stands still, more comes than the kernel keeps for it."""
        with Lines("-i", "lo", "-V", "summary", "-F", "ndjson") as run, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            run.ready()
            flood.bind(("127.0.0.1", 0))
            run.process.send_signal(signal.SIGSTOP)
            for _ in range(1500):
                flood.sendto(bytes(60000), flood.getsockname())
            run.process.send_signal(signal.SIGCONT)
            time.sleep(0.5)
            _, rest = run.interrupt()
        found = [json.loads(line) for line in rest if '"finding"' in line]
        self.assertIn(("packets-dropped", "warning"),
                      [(one["name"], one["severity"]) for one in found])
        self.assertRegex(found[0]["text"], r"The kernel dropped [1-9]\d* packets")

    def test_unknown_interface_is_told_with_those_there_are(self):
        out = subprocess.run([UMTRACE, "-i", "nonesuch0"], capture_output=True, text=True,
                             check=False)
        self.assertEqual(out.returncode, 3)
        self.assertRegex(out.stderr, r"nonesuch0: there is no such interface; there are: .*\blo\b")

    def test_lack_of_rights_is_told_with_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = os.path.join(folder, "umtrace")
            subprocess.run(["cp", UMTRACE, program], check=True)
            out = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                  program, "-i", "lo"], capture_output=True, text=True, check=False)
        self.assertEqual(out.returncode, 3)
        self.assertRegex(out.stderr, "you may not capture.*sudo.*setcap cap_net_raw")

    def test_output_is_opened_without_rights(self):
        """So that it is told at once, and not after hours, that it cannot be written."""
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            out = subprocess.run([UMTRACE, "-i", "lo", "-o", os.path.join(folder, "x")],
                                 capture_output=True, text=True, check=False, timeout=LONG)
            self.assertEqual(os.listdir(folder), [])
        self.assertEqual(out.returncode, 4)
        self.assertIn("Permission denied", out.stderr)


def sequence(count, apart):
    """A capture of `count` calls, one every `apart` seconds: Connected, then Disconnected."""
    connection = captures.Connection()
    ids, parts = [], []
    for i in range(count):
        ids.append("call-%06d" % i)
        for state in ("Connected", "Disconnected"):
            connection.say(True, captures.request(captures.question(ids[-1])))
            connection.say(False, captures.reply(captures.answer(state)))
            connection.now += 1
        connection.now += apart
        parts.append(connection.records)
        connection.records = b""
    return ids, b"".join(parts)


SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "schema")


class Pipe(unittest.TestCase):
    def test_lines_are_those_of_the_schemas(self):
        try:
            import jsonschema  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("there is no jsonschema")
        schemas = {}
        for name in ("follow-line", "calls-line"):
            with open(os.path.join(SCHEMAS, name + ".json"), encoding="utf-8") as f:
                schemas[name] = jsonschema.Draft202012Validator(json.load(f))
        sample = os.path.join(SCHEMAS, "..", "..", "samples", "captures")
        kinds = set()
        inputs = [sequence(3, 3600)[1]]
        for name in ("busy", "opaque-id", "two-hops"):
            with open(os.path.join(sample, name + ".pcap"), "rb") as f:
                inputs.append(f.read())
        for data in inputs:
            out = subprocess.run([UMTRACE, "--follow", "-F", "ndjson", "-"], input=data, check=True,
                                 capture_output=True)
            for line in out.stdout.splitlines():
                told = json.loads(line)
                is_state = told["type"] == "state"
                schemas["follow-line" if is_state else "calls-line"].validate(told)
                kinds.add((told["type"], "calls_released" in told))
        self.assertIn(("state", False), kinds)
        self.assertIn(("summary", True), kinds)

    def test_change_is_told_while_the_pipe_stays_open(self):
        connection = captures.Connection()
        with Lines("--follow", "-F", "ndjson", "-", stdin=subprocess.PIPE) as run:
            for state in ("Connecting", "Connected", "Disconnected"):
                connection.say(True, captures.request(captures.question()))
                connection.say(False, captures.reply(captures.answer(state)))
                written = time.monotonic()
                run.process.stdin.write(connection.records)
                run.process.stdin.flush()
                connection.records = b""
                came, line = run.next()
                self.assertEqual(json.loads(line)["state"], state)
                self.assertLess(came - written, WITHIN)
            run.process.stdin.close()
            rest = run.rest()
            self.assertEqual(run.process.wait(LONG), 0)
        self.assertEqual(json.loads(rest[1])["outcome"], "completed")

    def test_bytes_that_trickle_are_processed_as_they_come(self):
        data = captures.one_poll(captures.reply(captures.answer()))
        with Lines("--follow", "-", stdin=subprocess.PIPE) as run:
            for at in range(len(data)):
                os.write(run.process.stdin.fileno(), data[at:at + 1])
            line = run.next()[1]
            self.assertIn("- -> Connected  (frame ", line)
            run.process.stdin.close()
            run.rest()

    def test_interruption_while_it_waits_gives_the_report(self):
        data = captures.one_poll(captures.reply(captures.answer()))
        with Lines("--follow", "-", stdin=subprocess.PIPE) as run:
            os.write(run.process.stdin.fileno(), data)
            run.next()
            status, rest = run.interrupt()
        self.assertEqual(status, 0)
        self.assertTrue(any("Call 1: open" in line for line in rest))

    def test_status_is_as_usual_after_an_interruption(self):
        data = captures.one_poll(captures.reply(captures.answer("Disconnected", "NoAnswer")))
        with Lines("--follow", "--fail-on", "error", "-", stdin=subprocess.PIPE) as run:
            os.write(run.process.stdin.fileno(), data)
            run.next()
            self.assertEqual(run.interrupt()[0], 1)

    def test_second_interruption_ends_at_once(self):
        """The report is larger than the pipe it is written to, which nobody reads."""
        _, data = sequence(400, 0)
        process = subprocess.Popen([UMTRACE, "-F", "json", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            process.stdin.write(data)
            process.stdin.flush()
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            time.sleep(1)
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(2), -signal.SIGINT)
        finally:
            process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()

    def test_calls_that_are_over_are_told_once_and_released(self):
        ids, data = sequence(500, 30)
        out = subprocess.run([UMTRACE, "--follow", "-F", "ndjson", "-"], input=data, check=True,
                             capture_output=True)
        lines = [json.loads(line) for line in out.stdout.decode().splitlines()]
        calls = [line for line in lines if line["type"] == "call"]
        summary = lines[-1]
        self.assertEqual([call["call_id"] for call in calls], ids)
        self.assertEqual([call["number"] for call in calls], list(range(1, len(ids) + 1)))
        self.assertEqual({call["outcome"] for call in calls}, {"completed"})
        self.assertEqual(summary["calls"] + summary["calls_released"], len(ids))
        self.assertLess(summary["calls"], 5)
        states = [(line["call"], line["state"]) for line in lines if line["type"] == "state"]
        self.assertEqual(states, [(i, state) for i in range(1, len(ids) + 1)
                                  for state in ("Connected", "Disconnected")])

    def test_a_poll_that_hangs_keeps_its_call(self):
        """It hung past the half minute after which a call that is over leaves; when it was answered
        it was a call of its own, without an origin and, as far as was told, not over."""
        for refused in (b"", b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"):
            connection = captures.Connection()
            connection.say(True, captures.request(captures.question()))
            connection.say(False, captures.reply(captures.answer("Disconnected", "NoAnswer")))
            for _ in range(2 if refused else 1):
                connection.now += 20
                connection.say(True, captures.request(captures.question()))
                connection.say(False, refused)
                refused = b""
            for _ in range(600):
                connection.now += 10
                connection.send(True, 0x10)
            connection.say(False, captures.reply(captures.answer("Disconnected", "NoAnswer")))
            for _ in range(6):
                connection.now += 10
                connection.send(True, 0x10)
            out = subprocess.run([UMTRACE, "--follow", "-F", "ndjson", "-"], input=connection.close(),
                                 check=True, capture_output=True)
            lines = [json.loads(line) for line in out.stdout.splitlines()]
            calls = [line for line in lines if line["type"] == "call"]
            self.assertEqual([call["exchanges"] for call in calls], [2])
            self.assertEqual(lines[-1]["calls_released"], 1)

    def test_findings_of_released_calls_count(self):
        """The first call fails; hours later one that does not is all that is left."""
        connection = captures.Connection()
        for call_id, cause in (("one", "NoAnswer"), ("two", "None"), ("three", "None")):
            connection.say(True, captures.request(captures.question(call_id)))
            connection.say(False, captures.reply(captures.answer("Disconnected", cause)))
            connection.now += 3600
        out = subprocess.run([UMTRACE, "--follow", "--fail-on", "error", "-"],
                             input=connection.records, check=False, capture_output=True, text=False)
        self.assertEqual(out.returncode, 1)
        self.assertIn(b"more that were over have been told before", out.stdout)

    def test_refused_credentials_are_told_while_others_go_on(self):
        """They were told when the capture ended, hours later."""
        connection = captures.Connection()
        place = '<PlayOnPhone xmlns="%s"><entryId>AAAA</entryId><DialString>1</DialString></PlayOnPhone>'
        connection.say(True, captures.request(captures.envelope(place % captures.MESSAGES)))
        connection.say(False, b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        for i in range(20):
            connection.now += 10
            connection.say(True, captures.request(captures.question("other")))
            connection.say(False, captures.reply(captures.answer(("Connected", "Alerted")[i % 2])))
        out = subprocess.run([UMTRACE, "--follow", "-F", "ndjson", "-"], input=connection.close(), check=True,
                             capture_output=True)
        told = [(line["http_status"], line["state"]) for line in map(json.loads, out.stdout.splitlines())
                if line["type"] == "state"]
        self.assertLess(told.index((401, None)), 8)

    def test_selection_holds_for_news_and_released_calls(self):
        ids, data = sequence(20, 100)
        out = subprocess.run([UMTRACE, "--follow", "-c", ids[3], "-F", "ndjson", "-"], input=data,
                             check=True, capture_output=True)
        lines = [json.loads(line) for line in out.stdout.decode().splitlines()]
        self.assertEqual({line["call_id"] for line in lines if line["type"] in ("state", "call")},
                         {ids[3]})

    def test_memory_does_not_grow_with_the_calls(self):
        """A page holds them all, in full. (A sanitizer takes memory of its own, more by time.)"""
        peaks = {}
        for options in (("--follow",), ("-F", "html")):
            _, data = sequence(10000, 30)
            out = subprocess.run([sys.executable, "-c", MEASURE, UMTRACE, *options, "-"],
                                 input=data, capture_output=True, check=True, env=SMALL)
            peaks[options] = int(out.stdout)
        print("peak memory in KB: %s" % peaks, file=sys.stderr)
        self.assertLess(peaks["--follow",], peaks["-F", "html"] / 2)


class File(unittest.TestCase):
    """A file that is being written: it ends when its writer closes it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        self.folder = folder.name
        self.path = os.path.join(folder.name, "growing.pcap")
        self.file = open(self.path, "wb")  # pylint: disable=consider-using-with
        self.addCleanup(self.file.close)
        self.connection = captures.Connection()

    def write(self, data):
        self.file.write(data)
        self.file.flush()

    def poll(self, state):
        """The bytes of one more poll."""
        self.connection.say(True, captures.request(captures.question()))
        self.connection.say(False, captures.reply(captures.answer(state)))
        data, self.connection.records = self.connection.records, b""
        return data

    def test_change_is_told_while_the_file_grows(self):
        with Lines("--follow", "-F", "ndjson", self.path) as run:
            for state in ("Connecting", "Connected", "Disconnected"):
                self.write(self.poll(state))
                written = time.monotonic()
                came, line = run.next()
                self.assertEqual(json.loads(line)["state"], state)
                self.assertLess(came - written, WITHIN)
            self.file.close()
            rest = run.rest()
            self.assertEqual(run.process.wait(LONG), 0)
        self.assertEqual(json.loads(rest[1])["outcome"], "completed")

    def test_a_record_that_is_half_written_is_waited_for(self):
        data = self.poll("Connected")
        with Lines("--follow", self.path) as run:
            for at in range(0, len(data), 150):
                self.write(data[at:at + 150])
                time.sleep(0.03)
            self.assertIn("- -> Connected  (frame ", run.next()[1])
            self.file.close()
            run.rest()
            self.assertEqual(run.process.wait(LONG), 0)

    def test_interruption_while_it_waits_gives_the_report(self):
        self.write(self.poll("Connected"))
        with Lines("--follow", self.path) as run:
            run.next()
            status, rest = run.interrupt()
        self.assertEqual(status, 0)
        self.assertTrue(any("Call 1: open" in line for line in rest))

    def test_a_file_that_nobody_writes_ends_at_once(self):
        self.write(self.poll("Connected"))
        self.file.close()
        out = subprocess.run([UMTRACE, "--follow", self.path], check=True, capture_output=True,
                             timeout=LONG, text=True)
        self.assertIn("- -> Connected  (frame ", out.stdout)

    def test_of_a_rotated_set_the_last_is_waited_for(self):
        first = os.path.join(self.folder, "first.pcap")
        with open(first, "wb") as f:
            f.write(self.poll("Connecting"))
            f.flush()
            with Lines("--follow", "-F", "ndjson", first, self.path) as run:
                self.write(captures.header() + self.poll("Connected"))
                self.assertEqual(json.loads(run.next()[1])["state"], "Connecting")
                self.assertEqual(json.loads(run.next()[1])["state"], "Connected")
                self.file.close()
                run.rest()
                self.assertEqual(run.process.wait(LONG), 0)

    def test_a_file_that_is_written_anew_ends_there(self):
        self.write(self.poll("Connected"))
        with Lines("--follow", "-F", "ndjson", self.path) as run:
            run.next()
            self.file.truncate(0)
            run.rest()
            self.assertEqual(run.process.wait(LONG), 3)
            self.assertIn("was written anew while it was read", run.errors.get()[1])

    def test_who_cannot_tell_waits_for_what_was_written_a_moment_ago(self):
        """A lease is given to the owner of a file alone."""
        if os.geteuid() != 0:
            self.skipTest("this takes two users")
        program = os.path.join(self.folder, "umtrace")
        subprocess.run(["cp", UMTRACE, program], check=True)
        prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all")
        self.write(self.poll("Connected"))
        self.file.close()
        with Lines("--follow", self.path, prefix=prefix, program=program) as run:
            run.next()
            time.sleep(0.3)
            self.assertIsNone(run.process.poll())
            self.assertEqual(run.interrupt()[0], 0)
        os.utime(self.path, (0, time.time() - 3600))
        subprocess.run([*prefix, program, "--follow", self.path], check=True, timeout=LONG,
                       stdout=subprocess.DEVNULL)


def enter_namespace():
    """Starts this again inside; where that is not permitted says so and goes on without."""
    inside = "ip link set lo up && exec \"$@\""
    command = ["unshare", "-n", "sh", "-c", inside, "sh"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        print("no network namespace can be made here: tests on an interface are skipped")
        return
    os.environ[INSIDE] = "1"
    os.execvp(command[0], [*command, sys.executable, sys.argv[0], UMTRACE, *sys.argv[1:]])


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main()
