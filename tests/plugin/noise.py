#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged traffic through the dissector: no crash, no sanitizer report, no word of Wireshark's.

    noise.py PLUGIN SAMPLES [COPIES]

Samples are copied many times over, each copy on a port of its own with bytes of its bodies changed,
cut or doubled; `editcap` changes bytes anywhere in the packets, and cuts them. Seeded: what fails, fails
again.
"""
import os
import random
import struct
import subprocess
import sys
import tempfile

from wireshark import Wireshark

SAMPLES = ["completed", "ews", "pipelined", "chunked-gzip", "mtom", "unknown-call", "utf16"]
ERROR_RATES = ["0.001", "0.01", "0.05"]
SNAP_LENGTHS = ["200", "400", "560", "600"]
STRICT = {"WIRESHARK_DEBUG_WMEM_OVERRIDE": "strict", "WIRESHARK_ABORT_ON_DISSECTOR_BUG": "1"}
ETHERNET, TCP_AT = 14, 34
TOKENS = [b"<", b">", b"</", b"&#x41;", b"&lt;", b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"\x00",
          b"\xff\xfe", b"\xe2\x80\xae", b"<s:Fault>", b"CallId", b"Connected", b"<?xml ?>",
          b"xmlns:t=\"\"", b"<a>" * 70]


def read_packets(path):
    """Pairs of record head and bytes; little-endian pcap, as the sample maker writes it."""
    with open(path, "rb") as file:
        data = file.read()
    head, at, packets = data[:24], 24, []
    while at + 16 <= len(data):
        seconds, fraction, captured, _ = struct.unpack_from("<IIII", data, at)
        packets.append((seconds, fraction, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return head, packets


def is_tcp(packet):
    return len(packet) >= TCP_AT + 20 and packet[12:14] == b"\x08\x00" and packet[23] == 6


def body_at(packet):
    """Where a body begins, or the payload's start; None in a packet without payload."""
    start = TCP_AT + (packet[TCP_AT + 12] >> 4) * 4
    if start >= len(packet):
        return None
    blank = packet.find(b"\r\n\r\n", start)
    return start if blank < 0 else blank + 4


def damaged(random_source, packet):
    """The packet with bytes of its body changed in place: its length stays."""
    start = body_at(packet)
    if start is None or start >= len(packet):
        return packet
    out = bytearray(packet)
    for _ in range(random_source.randint(1, 4)):
        place = random_source.randrange(start, len(out))
        token = random_source.choice(TOKENS + [bytes([random_source.randrange(256)])])
        token = token[:len(out) - place]
        out[place:place + len(token)] = token
    return bytes(out)


def on_port(packet, shift):
    """The packet with the client's port, the greater one, moved."""
    out = bytearray(packet)
    source, destination = struct.unpack_from(">HH", out, TCP_AT)
    if source > destination:
        source += shift
    else:
        destination += shift
    struct.pack_into(">HH", out, TCP_AT, source, destination)
    return bytes(out)


def write_damaged(sample, copies, path):
    head, packets = read_packets(sample)
    random_source = random.Random(os.path.basename(sample))
    with open(path, "wb") as file:
        file.write(head)
        for copy in range(copies):
            for seconds, fraction, packet in packets:
                if is_tcp(packet):
                    packet = on_port(packet, copy)
                    if random_source.random() < 0.5:
                        packet = damaged(random_source, packet)
                file.write(struct.pack("<IIII", seconds, fraction, len(packet), len(packet)))
                file.write(packet)


def run(wireshark, path, what):
    for passes in ([], ["-2"]):
        done = wireshark.run("tshark", "-n", *passes, "-V", "-O", "umws", "-r",
                             wireshark.readable(path), env=STRICT)
        os.remove(wireshark.readable(path))
        if done.returncode != 0 or done.stderr:
            print(f"FAILED {what}: exit {done.returncode}\n{done.stderr.decode()[:3000]}")
            return 1
    return 0


def main(plugin, samples, copies):
    wireshark = Wireshark(plugin)
    failed = runs = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in SAMPLES:
            sample = os.path.join(samples, "captures", name + ".pcap")
            path = os.path.join(folder, "bodies.pcap")
            write_damaged(sample, copies, path)
            failed += run(wireshark, path, f"bodies of {name}")
            runs += 1
        for rate in ERROR_RATES:
            noisy = os.path.join(folder, "noisy.pcap")
            write_damaged(os.path.join(samples, "captures", "completed.pcap"), copies, path)
            subprocess.run(["editcap", "-E", rate, "--seed", "1", path, noisy], check=True,
                           stderr=subprocess.DEVNULL)
            failed += run(wireshark, noisy, f"noise at {rate}")
            runs += 1
        for length in SNAP_LENGTHS:
            cut = os.path.join(folder, "cut.pcap")
            write_damaged(os.path.join(samples, "captures", "crowd.pcap"), 1, path)
            subprocess.run(["editcap", "-s", length, path, cut], check=True)
            failed += run(wireshark, cut, f"cut at {length}")
            runs += 1
    wireshark.close()
    print(f"{runs} captures of {copies} damaged copies, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 40))
