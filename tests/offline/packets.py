# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of captures that are at hand, as far as a test has to know them to move or drop some; and
what umtrace says of a capture made of them."""
import collections
import json
import os
import struct
import subprocess

US = 10 ** 6
IP_AT = {1: 14, 101: 0, 276: 20}  # by link type
VLAN, TCP, SYN = b"\x81\0", 6, 2
CLIENT_PORTS = 32768  # and above

# time: microseconds; record: all of it but the time; ends: both, the sender first, None: not TCP;
# size: bytes that it carries; opens: it is a SYN
Packet = collections.namedtuple("Packet", "time record ends size opens")


def what_it_is(link_type, record):
    """ends, size and opens of it."""
    at = 8 + IP_AT[link_type]
    while record[at - 2:at] == VLAN:
        at += 4
    ip = record[at:]
    if ip[0] >> 4 == 4 and ip[9] == TCP and not ip[6] & 0x3F and not ip[7]:
        whole, tcp, hosts = struct.unpack(">H", ip[2:4])[0], (ip[0] & 15) * 4, ip[12:20]
    elif ip[0] >> 4 == 6 and ip[6] == TCP:
        whole, tcp, hosts = struct.unpack(">H", ip[4:6])[0] + 40, 40, ip[8:40]
    else:
        return None, 0, False
    half, ports = len(hosts) // 2, struct.unpack(">HH", ip[tcp:tcp + 4])
    size = whole - tcp - (ip[tcp + 12] >> 4) * 4
    ends = ((hosts[:half], ports[0]), (hosts[half:], ports[1]))
    return ends, size, bool(ip[tcp + 13] & SYN)


def is_of_server(packet):
    return packet.ends is not None and packet.ends[0][1] < CLIENT_PORTS


def read_packets(path):
    """The file's header, and its packets."""
    with open(path, "rb") as f:
        data = f.read()
    head, at, packets = data[:24], 24, []
    link_type = struct.unpack("<I", head[20:])[0]
    while at < len(data):
        seconds, micros, captured = struct.unpack("<III", data[at:at + 12])
        record = data[at + 8:at + 16 + captured]
        packets.append(Packet(seconds * US + micros, record, *what_it_is(link_type, record)))
        at += 16 + captured
    return head, packets


def write_packets(path, head, packets):
    """As they come; of those that have to be in order the caller takes care."""
    with open(path, "wb") as f:
        f.write(head)
        for packet in packets:
            f.write(struct.pack("<II", *divmod(packet.time, US)) + packet.record)


def captures_in(folder, names=None):
    """(name, path, path of its secrets or None) of these, which must be there, or of all, if any."""
    if not names and not os.path.isdir(folder):
        print("no captures in", folder)
        return
    there = [name[:-5] for name in sorted(os.listdir(folder)) if name.endswith(".pcap")]
    for name in names or there:
        path, keys = (os.path.join(folder, name + end) for end in (".pcap", ".keys"))
        yield name, path, keys if os.path.exists(keys) else None


def exchanges(umtrace, path, keys):
    """Lines of the view messages."""
    secrets = ["-k", keys] if keys else []
    run = subprocess.run([umtrace, "-V", "messages", "-F", "ndjson", *secrets, path],
                         capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return [line for line in lines if line["type"] == "exchange"]
