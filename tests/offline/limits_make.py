# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures for tests/offline/limits.py that no sample is: packets in fragments, packets wrapped in
VLAN tags and tunnels, and HTTP/2 whose streams are open at the same time."""
import struct

import captures
from findings_make import HEAD, Packets

ETHERNET, IP = 14, 20


def record(head, frame):
    """A pcap record of the frame, at the time of `head`."""
    return head[:8] + struct.pack("<II", len(frame), len(frame)) + frame


def split(one):
    """The record's IPv4 packet as two fragments, when it is worth it."""
    head, frame = one[:HEAD], one[HEAD:]
    payload = frame[ETHERNET + IP:]
    at = len(payload) // 16 * 8
    if at < 40:
        return one

    def fragment(offset, more, part):
        ip = bytearray(frame[ETHERNET:ETHERNET + IP])
        ip[2:4] = struct.pack(">H", IP + len(part))
        ip[6:8] = struct.pack(">H", (0x2000 if more else 0) | offset // 8)
        return record(head, frame[:ETHERNET] + bytes(ip) + part)
    return fragment(0, True, payload[:at]) + fragment(at, False, payload[at:])


def numbered(index, one):
    """The same with an IP identification of its own."""
    at = HEAD + ETHERNET + 4
    return one[:at] + struct.pack(">H", index) + one[at + 2:]


def in_fragments(capture):
    return Packets(capture, lambda head, records: head + b"".join(
        split(numbered(i, one)) for i, one in enumerate(records)), "in fragments")


def with_tags(capture, count):
    """Each frame with so many VLAN tags."""
    tags = b"\x81\x00\x00\x07" * count
    return Packets(capture, lambda head, records: head + b"".join(
        record(one[:HEAD], one[HEAD:HEAD + 12] + tags + one[HEAD + 12:]) for one in records),
        "with %d tags" % count)


def in_ip(capture, count):
    """Each packet in so many IPv4 packets."""
    def wrap(one):
        datagram = one[HEAD + ETHERNET:]
        for _ in range(count):
            datagram = struct.pack(">BBHHHBBH", 0x45, 0, IP + len(datagram), 0, 0, 64, 4,
                                   0) + captures.CLIENT + captures.SERVER + datagram
        return record(one[:HEAD], one[HEAD:HEAD + ETHERNET] + datagram)
    return Packets(capture, lambda head, records: head + b"".join(map(wrap, records)),
                   "in %d tunnels" % count)


class Bytes:
    """A capture made in memory."""

    def __init__(self, what, data):
        self.what, self.data = what, data

    def __str__(self):
        return self.what

    def make(self, _place, path):
        with open(path, "wb") as f:
            f.write(self.data)


# ---- HTTP/2 ----

END_STREAM, END_HEADERS = 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def fields(*pairs):
    """Literal field lines with new names, which no table takes in."""
    return b"".join(bytes([0, len(name)]) + name + bytes([len(value)]) + value
                    for name, value in pairs)


def headers(stream, *pairs):
    return frame(1, END_HEADERS, stream, fields(*pairs, (b"content-type", b"text/xml")))


def ask(stream):
    return headers(stream, (b":method", b"POST"), (b":path", b"/EWS/UM2007Legacy.asmx"),
                   (b":scheme", b"http")) + frame(0, END_STREAM, stream, captures.question())


def answer(stream):
    return headers(stream, (b":status", b"200")) + frame(0, END_STREAM, stream, captures.answer())


def polls_at_once(count):
    """So many streams that are all open before the first is answered, the oldest first."""
    connection = captures.Connection()
    streams = range(1, 2 * count, 2)
    connection.say(True, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
    connection.say(False, frame(4, 0, 0))
    for stream in streams:
        connection.say(True, ask(stream))
    for stream in streams:
        connection.say(False, answer(stream))
    return Bytes("%d HTTP/2 streams at once" % count, connection.close())
