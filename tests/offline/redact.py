#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--redact: no private string of the samples is left in any view and format, in no coding; the same
value has the same name everywhere in a report; and the story is the same.

    redact.py UMTRACE PROJECT CAPTURES [unittest options]"""
import base64
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import captures

UMTRACE, PROJECT, CAPTURES = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
SAMPLES = sorted(glob.glob(os.path.join(PROJECT, "samples", "captures", "*.pcap*")))
TRAFFIC = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
VIEWS = ("calls", "messages", "http", "streams", "summary")
HOST = re.compile(r"(?<![\w.-])(?:[a-z0-9-]+\.)+(?:com|net|org|example|test|local|lan|invalid)(?![\w-])", re.I)
V4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
V6 = re.compile(r"\[([0-9a-f:]+)\]", re.I)
PUBLIC = {"schemas.microsoft.com", "schemas.xmlsoap.org", "www.w3.org"}
POOL = concurrent.futures.ThreadPoolExecutor(4)
ALWAYS = {"mail.example.com", "5550100", "AAECAwQFBgc=", "AAECAwQF"}  # the maker's own defaults


def run(*arguments):
    result = subprocess.run([UMTRACE, *arguments], capture_output=True, timeout=120)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def formats():
    """Those that --help names, so that a new one is tested too."""
    return re.search(r"--format HOW +(.*)", run("--help")[1])[1].replace(" (default)", "").split(", ")


def reports(path, *options):
    kinds = [(view, form) for view in VIEWS for form in formats()]
    told = POOL.map(lambda kind: run("--redact", "-V", kind[0], "-F", kind[1], *options, path), kinds)
    for (view, form), (status, out, errors) in zip(kinds, told):
        if status == 2 and form in ("csv", "html"):
            continue  # not every view is written in every format
        yield view, form, status, out, errors


def private_strings(dialogue):
    """What the dialogue has of hosts, addresses, numbers, ids and secrets, as it may be written."""
    found = set(ALWAYS)
    text = "\n".join(line for line in dialogue.splitlines() if not line.startswith("#"))
    found |= {h for h in HOST.findall(text) if h.lower() not in PUBLIC}
    found |= set(V4.findall(text)) | {a for a in V6.findall(text) if a.count(":") > 1}
    found |= set(re.findall(r"\bdial=\"?([^\s\"]{4,})", text))
    found |= set(re.findall(r"\b(?:entry|item)=\"?([^\s\"]+)", text))
    found |= set(re.findall(r"^id \w+ opaque (\S+)", text, re.M))
    found |= set(re.findall(r"Authorization: \w+ ([^\s\"\\]{8,})", text))
    for plain in re.findall(r"^id \w+ ([0-9a-fA-F-]{36}[@|]\S+)", text, re.M):
        found.add(base64.b64encode(plain.encode()).decode())
        found.add(plain[37:])
    return found


def decoded(out):
    """Every base64 word of the report, decoded."""
    for word in set(re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", out)):
        try:
            yield base64.b64decode(word + "=" * (-len(word) % 4)).decode("latin-1")
        except ValueError:
            pass


def leaks(out, strings):
    everything = "\n".join([out, out.replace("\n", ""), *decoded(out)]).lower()
    for string in strings:
        pattern = r"(?<![\w.])%s(?![\w])" % re.escape(string.lower())
        if re.search(pattern, everything):
            yield string


def story(report):
    """What does not depend on names."""
    keep = ("number", "outcome", "service", "exchanges", "polls", "first_time", "last_time")
    return [[{k: call[k] for k in keep}, len(call["clients"]), len(call["servers"]),
             len(call["call_id_spellings"]), call["guid"],
             [{k: v for k, v in span.items() if k not in ("state", "cause")}
              for span in call["spans"]],
             [[f["name"], f["frames"]] for f in call["findings"]]] for call in report["calls"]]


class Redact(unittest.TestCase):
    def dialogue(self, path):
        name = os.path.basename(path).split(".")[0] + ".dlg"
        with open(os.path.join(PROJECT, "samples", "dialogues", name), encoding="utf-8") as f:
            return f.read()

    def test_the_samples_have_private_strings_and_tell_them_without_redaction(self):
        for path in SAMPLES[::5]:
            strings = private_strings(self.dialogue(path))
            plain = "".join(run("-V", v, "-F", "json", path)[1] for v in VIEWS)
            with self.subTest(path=os.path.basename(path)):
                self.assertTrue(list(leaks(plain, strings)))

    def test_no_private_string_of_a_sample_is_left(self):
        for path in SAMPLES:
            strings = private_strings(self.dialogue(path))
            for view, form, status, out, _ in reports(path):
                with self.subTest(path=os.path.basename(path), view=view, format=form):
                    self.assertIn(status, (0, 3))
                    self.assertEqual(list(leaks(out, strings)), [])
                    self.assertNotIn(os.path.basename(path), out)

    def test_no_address_and_host_of_real_traffic_is_left(self):
        if not TRAFFIC:
            self.skipTest("no captures at hand")
        for path in TRAFFIC:
            keys = os.path.splitext(path)[0] + ".keys"
            options = ["--keylog", keys] if os.path.exists(keys) else []
            plain = "".join(run("-V", v, "-F", "json", *options, path)[1] for v in VIEWS)
            strings = {h for h in HOST.findall("\n".join([plain, *decoded(plain)]))
                       if h.lower() not in PUBLIC}
            strings |= set(V4.findall(plain)) | {a for a in V6.findall(plain) if ":" in a}
            told = [json.loads(line) for line in
                    run("-V", "messages", "-F", "ndjson", *options, path)[1].splitlines()]
            for e in told:
                strings |= {s for s in (e.get("call_id"), e.get("dial_string"), e.get("item")) if s}
            strings.discard("nobody")  # an id there, and a word of ours
            self.assertTrue(strings)
            for view, form, status, out, _ in reports(path, *options):
                with self.subTest(path=os.path.basename(path), view=view, format=form):
                    self.assertEqual(status, 0)
                    self.assertEqual(list(leaks(out, strings)), [])

    def test_the_story_is_the_same(self):
        for path in SAMPLES:
            with self.subTest(path=os.path.basename(path)):
                plain, redacted = (json.loads(run(*o, "-F", "json", path)[1])
                                   for o in ([], ["--redact"]))
                self.assertEqual(story(redacted), story(plain))
                self.assertEqual(redacted["summary"], plain["summary"])
                self.assertEqual([[f["name"], f["frames"]] for f in redacted["findings"]],
                                 [[f["name"], f["frames"]] for f in plain["findings"]])

    def test_one_value_has_one_name_in_a_report(self):
        """Values and names go together one to one, over all exchanges of a sample."""
        for path in SAMPLES:
            plain, redacted = (json.loads(run(*o, "-V", "messages", "-F", "json", path)[1])["exchanges"]
                               for o in ([], ["--redact"]))
            for key in ("call_id", "guid", "um_server", "dial_string", "item", "client", "server",
                        "target", "state", "cause"):
                pairs = {(a[key] and re.sub(r"\s", "", a[key]), b[key])
                         for a, b in zip(plain, redacted)}
                with self.subTest(path=os.path.basename(path), key=key):
                    self.assertEqual(len(pairs), len({a for a, _ in pairs}))
                    self.assertEqual(len(pairs), len({b for _, b in pairs}))

    def test_another_run_has_other_names(self):
        first, second = (run("--redact", "-F", "json", SAMPLES[0])[1] for _ in range(2))
        self.assertNotEqual(first, second)
        self.assertEqual(story(json.loads(first)), story(json.loads(second)))

    def test_ids_of_redacted_calls_still_tell_their_parts(self):
        call = json.loads(run("--redact", "-F", "json", self.sample("busy"))[1])["calls"][0]
        plain = base64.b64decode(call["call_id"]).decode()
        self.assertEqual(plain, call["guid"] + "@" + call["um_server"])
        self.assertTrue(call["um_server"].startswith("host-"))

    def sample(self, name):
        return os.path.join(PROJECT, "samples", "captures", name + ".pcap")

    def test_texts_lose_what_is_private_in_them(self):
        private = ["alice", "smith", "contoso", "bob", "4255550123", "555 0123", "10.9.8.7", "ufer",
                   "asmith", "um77", "s3cret", "203.0.113", "ada"]
        text = ("The mailbox alice.smith@contoso.example of CONTOSO\\asmith (Alice Smith, "
                "+1 425 555 0123, 'bob') is not on um77.contoso.example [10.9.8.7]; "
                "dial 4255550123. Ask asmith or J\u00f6rg Ufer; user ada.")
        fault = ('<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>s:Client'
                 "</faultcode><faultstring>%s</faultstring><detail><e:ExceptionType "
                 'xmlns:e="x">InvalidCallIdException</e:ExceptionType></detail></s:Fault>' % text)
        talk = captures.Connection()
        body = captures.question()
        talk.say(True, b"POST /EWS/alice.smith@contoso.example/UM2007Legacy.asmx?user=bob&t=s3cret "
                 b"HTTP/1.1\r\nHost: um77.contoso.example\r\nAuthorization: Basic czNjcmV0\r\n"
                 b"Content-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        body = captures.envelope(fault)
        talk.say(False, b"HTTP/1.1 500 Server Error\r\nContent-Type: text/xml; charset=utf-8\r\n"
                 b"Content-Length: %d\r\n\r\n" % len(body) + body)
        talk.say(True, b"CONNECT um77.contoso.example:443 HTTP/1.1\r\n\r\n")
        talk.say(False, b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        talk.say(True, b"GET http://bob:s3cret@203.0.113.9/~asmith HTTP/1.1\r\n\r\n")
        talk.say(False, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "alice-at-um77.pcap")
            with open(path, "wb") as f:
                f.write(talk.close())
            for view, form, _, out, _ in reports(path):
                with self.subTest(view=view, format=form):
                    self.assertEqual(list(leaks(out, private)), [])
            fault = json.loads(run("--redact", "-V", "messages", "-F", "json", path)[1])
            self.assertIn("is not on", fault["exchanges"][0]["fault"]["text"])
            self.assertEqual(fault["exchanges"][0]["fault"]["exception"], "InvalidCallIdException")

    def test_a_call_is_chosen_by_its_real_id(self):
        call = json.loads(run("-F", "json", self.sample("crowd"))[1])["calls"][3]
        chosen = json.loads(run("--redact", "-F", "json", "-c", call["call_id"],
                                self.sample("crowd"))[1])["calls"]
        self.assertEqual([c["number"] for c in chosen], [call["number"]])

    def test_lines_of_earlier_runs_are_redacted_too(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.ndjson")
            with open(path, "w", encoding="utf-8") as f:
                f.write(run("-V", "messages", "-F", "ndjson", self.sample("busy"))[1])
            out = run("--redact", "-V", "messages", "-F", "ndjson", "--from-messages", path)[1]
            self.assertEqual(list(leaks(out, private_strings(self.dialogue("busy.pcap")))), [])

    def test_redacted_lines_can_be_joined(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.ndjson")
            with open(path, "w", encoding="utf-8") as f:
                f.write(run("--redact", "-V", "messages", "-F", "ndjson", self.sample("two-hops"))[1])
            joined = json.loads(run("-F", "json", "--from-messages", path)[1])
            plain = json.loads(run("-F", "json", self.sample("two-hops"))[1])
            self.assertEqual(story(joined), story(plain))

    def test_packets_are_not_written(self):
        status, _, errors = run("--redact", "--extract", "x.pcapng", self.sample("busy"))
        self.assertEqual(status, 2)
        self.assertIn("--redact", errors)
        self.assertFalse(os.path.exists("x.pcapng"))


if __name__ == "__main__":
    unittest.main()
