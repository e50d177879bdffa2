# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures for tests of the whole program, made in memory: one HTTP connection over raw IPv4."""
import struct

CLIENT, SERVER = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
LINK_RAW = 101
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
CALL_ID = "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2Y0YTViQHVtMDEuZXhhbXBsZS5jb20="


def header(link_type=LINK_RAW, snap_len=262144):
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap_len, link_type)


def record(seconds, data, wire_len=None):
    whole = int(seconds)
    return struct.pack("<IIII", 1795000000 + whole, int((seconds - whole) * 1e6), len(data),
                       wire_len or len(data)) + data


def segment(from_client, seq, ack, flags, payload=b""):
    ports = (40000, 80) if from_client else (80, 40000)
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0)
    ends = CLIENT + SERVER if from_client else SERVER + CLIENT
    length = 20 + len(tcp) + len(payload)
    return struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0, 64, 6, 0) + ends + tcp + payload


class Connection:
    """Grows a capture: say() appends segments of one side, acknowledging all of the other's."""

    def __init__(self):
        self.records = header()
        self.next = {True: 1000, False: 5000}
        self.now = 0.0
        self.send(True, 0x02)
        self.send(False, 0x12)

    def send(self, from_client, flags, payload=b""):
        self.now += 0.01
        self.records += record(self.now, segment(from_client, self.next[from_client],
                                                 self.next[not from_client], flags, payload))
        self.next[from_client] += len(payload) + (1 if flags & 0x03 else 0)

    def say(self, from_client, data, size=1400):
        for at in range(0, len(data), size):
            self.send(from_client, 0x18, data[at:at + size])

    def close(self):
        self.send(True, 0x11)
        self.send(False, 0x11)
        return self.records


def envelope(body):
    return ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body>'
            "</s:Envelope>" % body).encode()


def question(call_id=CALL_ID):
    return envelope('<GetCallInfo xmlns="%s"><CallId>%s</CallId></GetCallInfo>'
                    % (MESSAGES, call_id))


def answer(state="Connected", cause="None"):
    return envelope('<GetCallInfoResponse xmlns="%s"><GetCallInfoResponse><CallState>%s</CallState>'
                    "<EventCause>%s</EventCause></GetCallInfoResponse></GetCallInfoResponse>"
                    % (MESSAGES, state, cause))


def request(body, fields=""):
    return ("POST /EWS/UM2007Legacy.asmx HTTP/1.1\r\nHost: um\r\nContent-Type: text/xml\r\n"
            "%sContent-Length: %d\r\n\r\n" % (fields, len(body))).encode() + body


def reply(body, fields="", length=None):
    return ("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n%sContent-Length: %d\r\n\r\n"
            % (fields, len(body) if length is None else length)).encode() + body


def one_poll(answer_bytes):
    """A capture of one GetCallInfo and what came back."""
    connection = Connection()
    connection.say(True, request(question()))
    connection.say(False, answer_bytes)
    return connection.close()
