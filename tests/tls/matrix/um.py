# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said through TLS in the matrix: one call of the UM web service, placed and polled until it
is over, as bytes and as a small HTTP server."""
import base64
import hashlib
import http.server
import threading

MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PATH = "/EWS/UM2007Legacy.asmx"
STATES = ["Connecting", "Connected", "Disconnected"]


def envelope(inner):
    return ('<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="%s"><s:Body>%s</s:Body>'
            "</s:Envelope>" % (SOAP, inner)).encode()


def call_id(guid):
    return base64.b64encode(("%s@um01.example.com" % guid).encode()).decode()


def place():
    return envelope('<PlayOnPhone xmlns="%s"><entryId>AAEC</entryId><DialString>5550100'
                    "</DialString></PlayOnPhone>" % MESSAGES)


def placed(guid):
    return envelope('<PlayOnPhoneResponse xmlns="%s"><PlayOnPhoneResponse>%s'
                    "</PlayOnPhoneResponse></PlayOnPhoneResponse>" % (MESSAGES, call_id(guid)))


def ask(guid):
    return envelope('<GetCallInfo xmlns="%s"><CallId>%s</CallId></GetCallInfo>'
                    % (MESSAGES, call_id(guid)))


def told(state):
    return envelope('<GetCallInfoResponse xmlns="%s"><GetCallInfoResponse><CallState>%s</CallState>'
                    "<EventCause>None</EventCause></GetCallInfoResponse></GetCallInfoResponse>"
                    % (MESSAGES, state))


def dialogue(guid):
    """The bodies of a call: (request, reply) each."""
    return [(place(), placed(guid))] + [(ask(guid), told(state)) for state in STATES]


def request(body):
    return (b"POST %s HTTP/1.1\r\nHost: um.example\r\nContent-Type: text/xml; charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n" % (PATH.encode(), len(body))) + body


def reply(body):
    return (b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)) + body


def message(kind, body, **fields):
    """What the view http must tell of a message."""
    line = {"kind": kind, "method": None, "uri": None, "status": None, "version": "HTTP/1.1"}
    if kind == "req":
        line.update(method="POST", uri=PATH)
    else:
        line.update(status=200)
    line.update(body_len=len(body), body_sha256=hashlib.sha256(body).hexdigest(), **fields)
    return line


def messages(pairs, version="HTTP/1.1"):
    return [message(kind, body, version=version)
            for pair in pairs for kind, body in zip(("req", "resp"), pair)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        out = self.server.replies.pop(0) if self.server.replies else told("Disconnected")
        self.server.seen.append((body, out))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def log_message(self, *arguments):
        pass


class Server:
    """The service in the clear on a port of its own; `seen` has the bodies it took and gave."""

    def __init__(self, guid):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.replies = [out for _, out in dialogue(guid)]
        self.http.seen = []
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        return self.http.seen
