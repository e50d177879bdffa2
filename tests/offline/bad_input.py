#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The program on what it is not meant for: each test says what message, finding and exit status a
user gets, and that nothing read before is lost.

    bad_input.py UMTRACE [unittest options]"""
import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import captures

UMTRACE = os.path.abspath(sys.argv.pop(1))


def run(*arguments, stdin=None, **options):
    return subprocess.run([UMTRACE, *arguments], input=stdin, capture_output=True, timeout=60,
                          **options)


class BadInput(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        return path

    def report(self, data, *arguments, status=0):
        """The JSON report of a capture given as bytes."""
        result = run("-F", "json", *arguments, "-", stdin=data)
        self.assertEqual(result.returncode, status, result.stderr.decode())
        return json.loads(result.stdout)

    def names(self, report):
        found = report["findings"] + [f for call in report["calls"] for f in call["findings"]]
        return {f["name"] for f in found}

    def refused(self, status, says, *arguments, **options):
        """Runs; one line on standard error that has the words."""
        result = run(*arguments, **options)
        self.assertEqual(result.returncode, status, result.stderr.decode())
        text = result.stderr.decode()
        self.assertEqual(text.count("\n"), 1, text)
        self.assertIn(says, text)
        return result

    # ---- files that are no captures ----

    def test_a_text_file_is_no_capture(self):
        self.refused(3, "not a capture", self.path("x.txt", b"hello, this is no capture\n" * 20))

    def test_an_empty_file_is_said_to_be_empty(self):
        self.refused(3, "empty", self.path("empty.pcap", b""))

    def test_a_missing_file_is_named(self):
        self.refused(3, "No such file", self.path("missing.pcap"))

    def test_a_directory_is_no_capture(self):
        self.refused(3, "directory", self.folder)

    def test_a_file_without_permission_is_named(self):
        path = self.path("secret.pcap", captures.header())
        os.chmod(path, 0)
        os.chmod(self.folder, 0o755)
        options = {}
        if os.geteuid() == 0:
            options = {"user": 65534, "group": 65534, "extra_groups": []}
            if not os.access(UMTRACE, os.X_OK) or not self.is_reachable():
                self.skipTest("another user cannot reach the program under test")
        self.refused(3, "Permission denied", path, **options)

    def is_reachable(self):
        """Every folder above the program can be entered by everybody."""
        folder = os.path.dirname(UMTRACE)
        while folder != "/":
            if not os.stat(folder).st_mode & 0o001:
                return False
            folder = os.path.dirname(folder)
        return True

    def test_one_bad_file_does_not_hide_the_good_one(self):
        good = self.path("good.pcap", captures.one_poll(captures.reply(captures.answer())))
        result = run("-F", "json", self.path("missing.pcap"), good)
        self.assertEqual(result.returncode, 3)
        self.assertEqual(len(json.loads(result.stdout)["calls"]), 1)

    # ---- files that end early, or say too much ----

    def test_a_file_cut_anywhere_reports_what_stands_before(self):
        whole = captures.one_poll(captures.reply(captures.answer()))
        for cut in range(25, len(whole), 37):
            result = run("-F", "json", "-", stdin=whole[:cut])
            self.assertIn(result.returncode, (0, 3))
            report = json.loads(result.stdout)
            is_cut = result.returncode == 3
            self.assertEqual("capture-truncated" in self.names(report), is_cut, cut)

    def test_a_last_record_that_is_cut_loses_no_call(self):
        whole = captures.one_poll(captures.reply(captures.answer()))
        report = self.report(whole[:-3], status=3)
        self.assertEqual(report["calls"][0]["spans"][0]["state"], "Connected")
        self.assertIn("capture-truncated", self.names(report))

    def test_a_record_of_four_gigabytes_is_damage(self):
        data = captures.header() + b"\0" * 8 + b"\xff" * 8 + b"x" * 1000
        self.refused(3, "", "-", stdin=data)

    def test_an_unknown_link_type_is_a_finding(self):
        data = captures.header(link_type=147) + captures.record(0, b"x" * 60) * 3
        report = self.report(data)
        found = [f for f in report["findings"] if f["name"] == "link-type-unknown"]
        self.assertEqual(len(found), 1)
        self.assertIn("3 packets", found[0]["text"])
        self.assertIn("147", found[0]["text"])

    def test_cut_packets_are_counted(self):
        data = captures.header(snap_len=64)
        connection = captures.Connection()
        connection.say(True, captures.request(captures.question()))
        whole = connection.records[len(captures.header()):]
        at = 0
        while at < len(whole):
            length = int.from_bytes(whole[at + 8:at + 12], "little")
            packet = whole[at + 16:at + 16 + length]
            kept = min(64, length)
            data += whole[at:at + 8] + kept.to_bytes(4, "little") + whole[at + 12:at + 16]
            data += packet[:kept]
            at += 16 + length
        self.assertIn("packets-cut", self.names(self.report(data)))

    # ---- bodies ----

    def test_broken_xml_keeps_the_elements_closed_before(self):
        body = captures.answer().replace(b"<EventCause>None", b"<EventCause>None & <")
        report = self.report(captures.one_poll(captures.reply(body)))
        self.assertEqual(report["calls"][0]["spans"][0]["state"], "Connected")
        self.assertIn("xml-malformed", self.names(report))

    def test_a_document_type_is_refused_and_expands_nothing(self):
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        for i in range(1, 20):
            bomb += b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10 if i > 1 else b"&a;" * 10)
        body = bomb + b"]>" + captures.answer(state="&a19;")
        report = self.report(captures.one_poll(captures.reply(body)))
        self.assertIn("doctype-refused", self.names(report))
        self.assertEqual(report["calls"][0]["spans"], [])

    def test_deep_nesting_is_left_at_the_limit(self):
        deep = b"<a>" * 5000 + b"</a>" * 5000
        body = captures.answer().replace(b"<CallState>", deep + b"<CallState>")
        report = self.report(captures.one_poll(captures.reply(body)))
        self.assertIn("limit-reached", self.names(report))

    def test_a_gzip_bomb_stops_at_the_limit(self):
        bomb = gzip.compress(b" " * (200 << 20), 9)
        data = captures.one_poll(captures.reply(bomb, "Content-Encoding: gzip\r\n"))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        report = self.report(data)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 5)
        self.assertIn("limit-reached", self.names(report))

    def test_ten_gigabytes_by_content_length_are_not_waited_for(self):
        data = captures.one_poll(captures.reply(captures.answer(), length=10 << 30))
        report = self.report(data)
        self.assertEqual(report["calls"][0]["spans"][0]["state"], "Connected")
        self.assertIn("body-incomplete", self.names(report))

    # ---- the command line ----

    def test_a_mistyped_option_is_named(self):
        self.refused(2, "--fliter", "--fliter", "x", "y")

    def test_no_capture_at_all_is_a_usage_error(self):
        result = run()
        self.assertEqual(result.returncode, 2)

    def test_a_display_filter_is_explained(self):
        result = run("-f", "http.request == 1", self.path("x", captures.header()))
        self.assertEqual(result.returncode, 2)
        self.assertIn("capture filter", result.stderr.decode())

    # ---- where the report goes ----

    def test_a_full_disk_is_an_output_error(self):
        path = self.path("good.pcap", captures.one_poll(captures.reply(captures.answer())))
        self.refused(4, "No space left", "-o", "/dev/full", path)
        for option in ("--help", "--version"):
            with open("/dev/full", "w") as full:
                told = subprocess.run([UMTRACE, option], stdout=full, stderr=subprocess.PIPE,
                                      timeout=60, check=False)
            self.assertEqual(told.returncode, 4)
            self.assertIn(b"No space left", told.stderr)

    def test_an_output_that_fails_leaves_the_old_file(self):
        path = self.path("good.pcap", captures.one_poll(captures.reply(captures.answer())))
        report = self.path("report.txt", b"old")
        limit = (100, 100)

        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # it was ended by it once
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

        result = run("-o", report, path, preexec_fn=small_files)
        self.assertEqual(result.returncode, 4, result.stderr.decode())
        with open(report, "rb") as f:
            self.assertEqual(f.read(), b"old")
        self.assertEqual(sorted(os.listdir(self.folder)), ["good.pcap", "report.txt"])

    def test_an_output_is_written_whole(self):
        path = self.path("good.pcap", captures.one_poll(captures.reply(captures.answer())))
        report = self.path("report.json")
        self.assertEqual(run("-F", "json", "-o", report, path).returncode, 0)
        with open(report, encoding="utf-8") as f:
            self.assertEqual(len(json.load(f)["calls"]), 1)

    def test_a_broken_pipe_ends_quietly(self):
        data = captures.one_poll(captures.reply(captures.answer()))
        path = self.path("good.pcap", data)
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([UMTRACE, path], stdout=writer, stderr=subprocess.PIPE, timeout=60)
        os.close(writer)
        self.assertEqual(result.returncode, 4)
        self.assertEqual(result.stderr, b"")

    def test_a_broken_pipe_frees_the_open_connections(self):
        """`umtrace -V http ... | head -1` leaked the connections that were open: seen by the leak
        sanitizer alone, which makes the status another."""
        connection = captures.Connection()
        for _ in range(600):
            connection.say(True, captures.request(captures.question()))
            connection.say(False, captures.reply(captures.answer()))
        path = self.path("long.pcap", connection.records)
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([UMTRACE, "-V", "http", path], stdout=writer,
                                stderr=subprocess.PIPE, timeout=60)
        os.close(writer)
        self.assertEqual(result.returncode, 4, result.stderr.decode())
        self.assertEqual(result.stderr, b"")

    def test_an_interrupt_reports_what_was_read(self):
        data = captures.one_poll(captures.reply(captures.answer()))
        process = subprocess.Popen([UMTRACE, "-F", "json", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(data)
        process.stdin.flush()
        time.sleep(1)  # it waits for more of the pipe
        process.send_signal(signal.SIGINT)
        out = process.stdout.read()
        process.stdin.close()
        self.assertEqual(process.wait(timeout=60), 0, process.stderr.read())
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(json.loads(out)["calls"][0]["spans"][0]["state"], "Connected")

    def test_fail_on_decides_the_exit_status(self):
        data = captures.one_poll(captures.reply(captures.answer("Disconnected", "UserBusy")))
        self.assertEqual(run("--fail-on", "error", "-", stdin=data).returncode, 1)
        data = captures.one_poll(captures.reply(captures.answer()))
        self.assertEqual(run("--fail-on", "error", "-", stdin=data).returncode, 0)
        self.assertEqual(run("--fail-on", "note", "-", stdin=data).returncode, 1)


if __name__ == "__main__":
    unittest.main()
