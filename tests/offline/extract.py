#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--extract: what is written holds the same calls, opens in tshark, and has of every packet what the
capture has; nothing is there when it cannot be whole.

    extract.py UMTRACE PROJECT CAPTURES [unittest options]"""
import base64
import glob
import gzip
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import captures
import packets

UMTRACE, PROJECT, CAPTURES = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
SAMPLES = sorted(glob.glob(os.path.join(PROJECT, "samples", "captures", "*.pcap*")))
TRAFFIC = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
FRAME_KEYS = {"frames", "first_frame", "last_frame", "request_frame", "reply_frame", "number"}


def run(*arguments, **options):
    result = subprocess.run([UMTRACE, *arguments], capture_output=True, timeout=120, **options)
    return result.returncode, result.stdout, result.stderr.decode()


def sample(name):
    return os.path.join(PROJECT, "samples", "captures", name + ".pcap")


def keys_of(path):
    keys = os.path.splitext(path)[0] + ".keys"
    return ["--keylog", keys] if os.path.exists(keys) else []


def without_frames(value):
    if isinstance(value, dict):
        return {k: without_frames(v) for k, v in value.items() if k not in FRAME_KEYS}
    return [without_frames(v) for v in value] if isinstance(value, list) else value


def calls(*arguments):
    return without_frames(json.loads(run("-F", "json", *arguments)[1])["calls"])


def exchanges(*arguments):
    told = json.loads(run("-V", "messages", "-F", "json", *arguments)[1])["exchanges"]
    return [{k: v for k, v in without_frames(e).items() if k != "findings"} for e in told]


def fields(path, *names):
    out = subprocess.run(["tshark", "-r", path, "-T", "fields"] +
                         [a for name in names for a in ("-e", name)],
                         capture_output=True, timeout=120, check=False).stdout.decode()
    return [line.split("\t") for line in out.splitlines()]


def blocks(path):
    """(type, body) of each block of a little-endian pcapng."""
    with open(path, "rb") as f:
        whole = f.read()
    at = 0
    while at < len(whole):
        kind, size = struct.unpack_from("<II", whole, at)
        assert struct.unpack_from("<I", whole, at + size - 4)[0] == size
        yield kind, whole[at + 8:at + size - 4]
        at += size


def pieces_of(packet, number, *sizes):
    """The IPv4 packet in fragments of these many bytes, and of the rest."""
    at, out = 20, []
    for size in sizes + (len(packet),):
        part, has_more = packet[at:at + size], at + size < len(packet)
        place = (at - 20) // 8 | (0x2000 if has_more else 0)
        out.append(packet[:2] + struct.pack(">HHH", 20 + len(part), number, place) +
                   packet[8:20] + part)
        at += size
        if not has_more:
            return out


def aggregate(packets_of_it):
    """A frame of 802.11 with a subframe for each of these IPv4 packets (an A-MSDU)."""
    frame = b"\x88\1" + bytes(22) + b"\x80\0"
    for packet in packets_of_it:
        frame += b"\0" * (-(len(frame) - 26) % 4) + bytes(12) + struct.pack(">H", len(packet) + 8)
        frame += b"\xaa\xaa\3\0\0\0\x08\0" + packet
    return frame


class Extract(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.out = self.path("out.pcapng")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content)
        return self.path(name)

    def extract(self, *arguments, status=(0, 3)):
        got, _, errors = run("--extract", self.out, "-o", os.devnull, *arguments)
        self.assertIn(got, status, errors)

    def test_every_sample_read_back_has_the_same_calls(self):
        for path in SAMPLES:
            with self.subTest(path=os.path.basename(path)):
                self.extract(path)
                self.assertEqual(calls(self.out), calls(path))
                self.assertEqual(exchanges(self.out), exchanges(path))

    def test_real_traffic_read_back_has_the_same_calls_without_its_key_log(self):
        if not TRAFFIC:
            self.skipTest("no captures at hand")
        for path in TRAFFIC:
            with self.subTest(path=os.path.basename(path)):
                self.extract(*keys_of(path), path)
                self.assertEqual(calls(self.out), calls(*keys_of(path), path))
                self.assertEqual(exchanges(self.out), exchanges(*keys_of(path), path))

    def test_tshark_sees_the_same_packets(self):
        """Of the connections of exchanges all, and of others none."""
        if not shutil.which("tshark"):
            self.skipTest("no tshark")
        names = ("frame.time_epoch", "frame.len", "frame.cap_len", "frame.encap_type",
                 "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport", "ipv6.src", "ipv6.dst", "tcp.seq_raw", "tcp.ack_raw",
                 "tcp.flags", "tcp.len")
        for path in SAMPLES + TRAFFIC:
            with self.subTest(path=os.path.basename(path)):
                self.extract(*keys_of(path), path)
                ends = {frozenset((e["client"], e["server"]))
                        for e in exchanges(*keys_of(path), path)}
                every = fields(path, *names)
                wanted = [f for f in every if self.pair(f) in ends]
                got = fields(self.out, *names)
                if os.path.basename(path).startswith("frag"):
                    self.assertTrue(set(map(tuple, wanted)) <= set(map(tuple, got)))
                else:
                    self.assertEqual(got, wanted)

    def pair(self, packet):
        return frozenset("%s:%s" % (packet[4 + i] or "[%s]" % packet[8 + i], packet[6 + i])
                         for i in range(2))

    def test_every_message_is_told_at_its_packets(self):
        if not shutil.which("tshark"):
            self.skipTest("no tshark")
        self.extract(sample("busy"))
        told = {int(number): text for number, text in
                fields(self.out, "frame.number", "frame.comment") if text}
        lines = json.loads(run("-V", "messages", "-F", "json", self.out)[1])["exchanges"]
        for e in lines:
            for side in ("request", "reply"):
                for frame in ("first_frame", "last_frame"):
                    text = told[e[side][frame]]
                    self.assertIn("umtrace: %s %s, call 1" % (e["operation"], side), text)
            if e["state"]:
                self.assertIn(", " + e["state"], told[e["reply"]["first_frame"]])
        frames = {e[s][f] for e in lines for s in ("request", "reply")
                  for f in ("first_frame", "last_frame")}
        self.assertEqual(set(told), frames)

    def test_calls_that_are_not_shown_are_left_out(self):
        every = json.loads(run("-F", "json", sample("crowd"))[1])["calls"]
        self.extract("-c", every[7]["guid"], sample("crowd"))
        got = json.loads(run("-F", "json", self.out)[1])
        for call in (got["calls"][0], every[7]):
            call["summary"] = call["summary"].partition(" to ")[2]  # without the call's number
        self.assertEqual(without_frames(got["calls"]), without_frames([every[7]]))
        self.assertEqual(got["summary"]["connections"], 1)

    def test_no_call_makes_a_capture_without_packets(self):
        self.extract("-c", "00000000-0000", sample("busy"))
        self.assertEqual([kind for kind, _ in blocks(self.out)], [0x0a0d0d0a])
        self.assertEqual(run(self.out)[0], 0)

    def test_only_the_secrets_of_the_calls_are_written(self):
        path = os.path.join(CAPTURES, "tls12-ecdhe.pcap")
        if not os.path.exists(path):
            self.skipTest("no captures at hand")
        log = self.write("all.keys", b"CLIENT_RANDOM " + b"5a" * 32 + b" " + b"33" * 48 + b"\n")
        self.extract(*keys_of(path), "--keylog", log, path)
        secrets = [body for kind, body in blocks(self.out) if kind == 10]
        self.assertEqual(len(secrets), 1)
        self.assertEqual(secrets[0][:4], b"KSLT")
        self.assertNotIn(b"5a" * 32, secrets[0])
        with open(os.path.splitext(path)[0] + ".keys", "rb") as f:
            self.assertTrue(any(line.split()[2] in secrets[0] for line in f if line.count(b" ") == 2))
        self.extract(*keys_of(path), "-c", "00000000-0000", path)
        self.assertEqual([body for kind, body in blocks(self.out) if kind == 10], [])

    def test_secrets_that_no_packet_names_are_written(self):
        """Of TLS 1.3 that began before the capture."""
        whole = os.path.join(PROJECT, "tests", "tls", "matrix", "captures", "tls13-aes128gcm.pcap")
        late = self.path("late.pcap")
        head, packets_of_it = packets.read_packets(whole)
        packets.write_packets(late, head, packets_of_it[9:])
        foreign = "".join("%s %s %s\n" % (label, "5a" * 32, "33" * 32) for label in
                          ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"))
        log = self.write("foreign.keys", foreign.encode())
        told = calls(*keys_of(whole), late)
        self.assertEqual(len(told), 1)
        self.extract(*keys_of(whole), "--keylog", log, late)
        self.assertEqual(calls(self.out), told)
        secrets = [body for kind, body in blocks(self.out) if kind == 10]
        self.assertNotIn(b"5a" * 32, secrets[0])

    def test_standard_input_is_read_as_often_as_needed(self):
        with open(sample("busy"), "rb") as f:
            status, out, _ = run("--extract", self.out, "-F", "json", "-", stdin=f)
        self.assertEqual(status, 0)
        self.assertEqual(json.loads(out)["capture"]["files"], ["-"])
        self.assertEqual(calls(self.out), calls(sample("busy")))

    def test_pipes_under_a_name_are_read_as_often_as_needed(self):
        """Of these the extract was once empty, without a word, or waited for a second writer."""
        paths = [self.path("first.fifo"), self.path("second.fifo")]
        writers = []
        for path, name in zip(paths, ("busy", "service-error")):
            os.mkfifo(path)
            writers.append(subprocess.Popen(["cp", sample(name), path]))
        status, out, errors = run("--extract", self.out, "-F", "json", *paths)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual([writer.wait(10) for writer in writers], [0, 0])
        self.assertEqual(json.loads(out)["capture"]["files"], paths)
        self.assertEqual(calls(self.out), calls(sample("busy"), sample("service-error")))

    def test_a_compressed_capture_and_several_are_as_one(self):
        with open(sample("busy"), "rb") as f:
            packed = self.write("a.pcap.gz", gzip.compress(f.read()))
        self.extract(packed, sample("service-error"))
        self.assertEqual(calls(self.out), calls(packed, sample("service-error")))
        self.assertEqual(sum(kind == 1 for kind, _ in blocks(self.out)), 2)

    def test_interfaces_keep_their_options(self):
        """Big-endian, nanoseconds, a name, a speed and an offset of time."""
        def block(kind, body):
            body += b"\0" * (-len(body) % 4)
            size = struct.pack(">I", len(body) + 12)
            return struct.pack(">I", kind) + size + body + size

        def option(code, value):
            return struct.pack(">HH", code, len(value)) + value + b"\0" * (-len(value) % 4)
        options = (option(2, b"eth7") + option(8, struct.pack(">Q", 10**9)) + option(9, b"\x09") +
                   option(14, struct.pack(">q", 1000)) + option(0, b""))
        whole = block(0x0a0d0d0a, struct.pack(">IHHq", 0x1a2b3c4d, 1, 0, -1))
        whole += block(1, struct.pack(">HHI", 9, 0, 100))  # nobody's
        whole += block(1, struct.pack(">HHI", captures.LINK_RAW, 0, 65535) + options)
        talk, at, i = captures.one_poll(captures.reply(captures.answer())), 24, 0
        while at < len(talk):
            seconds, micro, size, _ = struct.unpack_from("<IIII", talk, at)
            time = (seconds - 1000) * 10**9 + micro * 1000 + i
            whole += block(6, struct.pack(">IIIII", 1, time >> 32, time & 0xffffffff, size, size) +
                           talk[at + 16:at + 16 + size])
            at, i = at + 16 + size, i + 1
        path = self.write("big.pcapng", whole)
        self.extract(path)
        self.assertEqual(calls(self.out), calls(path))
        self.assertTrue(calls(path))
        described = [body for kind, body in blocks(self.out) if kind == 1]
        self.assertEqual(len(described), 1)
        self.assertEqual(described[0], struct.pack("<HHI", captures.LINK_RAW, 0, 65535) +
                         b"\2\0\4\0eth7" + b"\x08\0\x08\0" + struct.pack("<Q", 10**9) +
                         b"\x09\0\1\0\x09\0\0\0" + b"\x0e\0\x08\0" + struct.pack("<q", 1000) +
                         b"\0\0\0\0")

    def fragmented(self, order):
        """One poll of which the reply's datagram comes in three fragments, in that order."""
        talk = captures.one_poll(captures.reply(captures.answer()))
        whole, at, frames = talk[:24], 24, 0
        while at < len(talk):
            size, = struct.unpack_from("<I", talk, at + 8)
            head, packet = talk[at:at + 8], talk[at + 16:at + 16 + size]
            at += 16 + size
            pieces = [packet]
            if b"HTTP/1.1 200" in packet:
                pieces = pieces_of(packet, 77, 48, 48)
                pieces = [pieces[i] for i in order]
            for piece in pieces:
                frames += 1
                whole += head + struct.pack("<II", len(piece), len(piece)) + piece
        return self.write("fragments.pcap", whole), frames

    def test_fragments_belong_to_their_connection(self):
        for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)):
            path, frames = self.fragmented(order)
            self.extract(path)
            self.assertTrue(calls(path)[0]["spans"])
            self.assertEqual(calls(self.out), calls(path))
            self.assertEqual(sum(kind == 6 for kind, _ in blocks(self.out)), frames)

    def poll_in_pieces(self, call_id, port, when, number, copies):
        """A poll of which the datagrams with bytes come in three fragments, all of one number, and
        copies of all three behind them."""
        talk = captures.Connection()
        talk.say(True, captures.request(captures.question(call_id)))
        talk.say(False, captures.reply(captures.answer()))
        whole, out, at = talk.close(), b"", 24
        while at < len(whole):
            seconds, micro, size = struct.unpack_from("<III", whole, at)
            packet = whole[at + 16:at + 16 + size].replace(struct.pack(">H", 40000), port, 1)
            at += 16 + size
            pieces = pieces_of(packet, number, 48, 48) * copies if size > 200 else [packet]
            for piece in pieces:
                out += struct.pack("<IIII", seconds + when, micro, len(piece), len(piece)) + piece
        return out

    def test_copies_of_fragments_do_not_stand_for_the_next_datagram_of_their_number(self):
        """Captured twice, they waited for others, and those were of another call: the extract of
        one call had packets of the other, which need not be shown to everybody."""
        other = base64.b64encode(base64.b64decode(captures.CALL_ID).replace(b"3f2a", b"77aa"))
        path = self.write("copies.pcap", captures.header() +
                          self.poll_in_pieces(captures.CALL_ID, b"\x9c\x40", 0, 7, 2) +
                          self.poll_in_pieces(other.decode(), b"\x9c\x41", 10, 7, 1))
        every = calls(path)
        self.assertEqual([call["guid"][:4] for call in every], ["3f2a", "77aa"])
        for call in every:
            self.extract("-c", call["guid"], path)
            got = json.loads(run("-F", "json", self.out)[1])
            self.assertEqual([c["guid"] for c in got["calls"]], [call["guid"]])
            self.assertEqual(got["summary"]["connections"], 1)
            self.assertEqual(got["findings"], [])

    def test_fragments_around_fragments_belong_to_their_connection(self):
        """Of a tunnel's fragments only the last was kept when there was a fragment in the tunnel."""
        talk = captures.one_poll(captures.reply(captures.answer()))
        whole, at, count = talk[:24], 24, 0
        while at < len(talk):
            head, (size,) = talk[at:at + 8], struct.unpack_from("<I", talk, at + 8)
            packet = talk[at + 16:at + 16 + size]
            at += 16 + size
            pieces = []
            for inner in pieces_of(packet, 5, 96):
                ipip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(inner), 0, 0, 64, 4, 0)
                pieces += pieces_of(ipip + captures.SERVER + captures.CLIENT + inner, count, 40)
                count += 1
            for piece in pieces:
                whole += head + struct.pack("<II", len(piece), len(piece)) + piece
        path = self.write("nested.pcap", whole)
        self.extract(path)
        self.assertTrue(calls(path)[0]["spans"])
        self.assertEqual(calls(self.out), calls(path))

    def test_a_frame_with_several_segments_is_read_whole_and_kept(self):
        """802.11 puts segments of a reply, and of other connections, into one frame."""
        talk = captures.one_poll(captures.reply(captures.answer() + b" " * 3000))
        records, at = [], 24
        while at < len(talk):
            size, = struct.unpack_from("<I", talk, at + 8)
            records.append((talk[at:at + 8], talk[at + 16:at + 16 + size]))
            at += 16 + size
        other = captures.segment(True, 1, 1, 0x10, b"x").replace(struct.pack(">H", 40000), b"zz", 1)
        whole = captures.header(link_type=105)
        reply = [packet for _, packet in records if len(packet) > 500]
        self.assertGreater(len(reply), 2)
        for head, packet in records:
            if packet in reply[1:]:
                continue
            frame = aggregate([other] + (reply if packet is reply[0] else [packet]))
            whole += head + struct.pack("<II", len(frame), len(frame)) + frame
        path = self.write("amsdu.pcap", whole)
        every = json.loads(run("-F", "json", path)[1])
        self.assertEqual([call["outcome"] for call in every["calls"]], ["open"])
        self.assertEqual(every["findings"], [])
        self.extract(path)
        self.assertEqual(calls(self.out), calls(path))
        self.assertEqual(exchanges(self.out), exchanges(path))
        self.assertEqual(sum(kind == 6 for kind, _ in blocks(self.out)), len(records) + 1 - len(reply))

    def test_what_cannot_be_written_leaves_nothing(self):
        for path in (self.path("no/such/folder.pcapng"), "/dev/full"):
            status, _, errors = run("--extract", path, sample("busy"))
            self.assertEqual(status, 4)
            self.assertIn(path, errors)
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_an_extract_takes_the_place_of_nothing_that_is_read(self):
        path, keys = self.path("same.pcap"), self.write("keys", b"# none\n")
        shutil.copy(sample("busy"), path)
        for arguments in (("--extract", path, path), ("--extract", keys, "-k", keys, path)):
            status, _, errors = run(*arguments)
            self.assertEqual(status, 2)
            self.assertIn("would overwrite", errors)
        self.assertEqual(calls(path), calls(sample("busy")))

    def test_views_without_calls_are_refused(self):
        for view in ("http", "streams"):
            self.assertEqual(run("--extract", self.out, "-V", view, sample("busy"))[0], 2)


if __name__ == "__main__":
    unittest.main()
