#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the captures of the matrix with real peers; see README.md.

    make.py [NAME...]     all, or those named; as root"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid

import cases
import peers
import um

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES, KEYS = os.path.join(HERE, "captures"), os.path.join(HERE, "keys")
EXPECTED = os.path.join(HERE, "expected.json")
NAME = "um.example"


def key(name):
    return os.path.join(KEYS, name)


def make_keys():
    """Once: the server's keys and certificates, in the forms in which people hand them over."""
    if os.path.exists(key("server.key")):
        return
    os.makedirs(KEYS, exist_ok=True)
    for kind, options in (("server", "rsa:2048"), ("other", "rsa:2048"), ("ec", "ec")):
        extra = ["-pkeyopt", "ec_paramgen_curve:P-256"] if options == "ec" else []
        subprocess.run(["openssl", "req", "-x509", "-newkey", options, *extra, "-nodes", "-days", "9999",
                        "-subj", "/CN=" + NAME, "-keyout", key(kind + ".key"), "-out", key(kind + ".crt")],
                       check=True, capture_output=True)
    pack = ["openssl", "pkcs12", "-export", "-inkey", key("server.key"), "-in", key("server.crt"),
            "-passout", "pass:secret"]
    subprocess.run(pack + ["-out", key("server.p12")], check=True)
    subprocess.run(pack + ["-legacy", "-out", key("server-legacy.p12")], check=True)
    subprocess.run(["openssl", "rsa", "-aes256", "-passout", "pass:secret", "-in", key("server.key"),
                    "-out", key("server-sealed.key")], check=True, capture_output=True)
    with open(key("several.pem"), "wb") as out:
        for name in ("ec.key", "other.crt", "other.key", "server.crt", "server.key"):
            with open(key(name), "rb") as f:
                out.write(f.read())


class Room:
    """Where one case happens: its port, files, programs and what is expected of its capture."""

    def __init__(self, case, folder):
        self.case, self.folder, self.port = case, folder, peers.free_port()
        self.guid = str(uuid.uuid5(uuid.NAMESPACE_DNS, case["name"]))
        self.pairs = um.dialogue(self.guid)
        self.keylog = os.path.join(folder, "keys.log")
        self.programs = []
        self.http, self.findings = [], []

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as f:
                f.write(content)
        return path

    def start(self, *command, **environment):
        program = peers.Program(list(command), environment)
        self.programs.append(program)
        return program

    def serve(self, *command, **environment):
        program = self.start(*command, **environment)
        peers.await_port(self.port)
        return program

    def stop(self):
        for program in reversed(self.programs):
            program.stop()


def s_server(room, *more):
    case = room.case
    certificate = case.get("certificate", "server")
    return room.serve("openssl", "s_server", "-accept", "127.0.0.1:%d" % room.port, "-key",
                      key(certificate + ".key"), "-cert", key(certificate + ".crt"),
                      *case.get("server_protocol", case["protocol"]), *case.get("server", []), *more)


def s_client(room, *more):
    case = room.case
    return room.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % room.port, "-servername",
                      NAME, "-keylogfile", room.keylog, *case["protocol"],
                      *case.get("client", []), *more)


def finish(client):
    time.sleep(0.2)
    client.end_input()
    client.wait()


def talk(room, server, client, pairs):
    peers.converse(client, server, pairs, um.request, um.reply)
    room.http += um.messages(pairs)


def run_openssl(room):
    """One connection; a `step` in the middle may renegotiate or update keys."""
    server, client = s_server(room), s_client(room)
    talk(room, server, client, room.pairs[:2])
    if "step" in room.case:
        time.sleep(0.2)
        client.say(room.case["step"])
        time.sleep(0.5)
    talk(room, server, client, room.pairs[2:])
    finish(client)


def run_resumed(room):
    """A second connection resumes the session of the first; perhaps with early data."""
    session = room.path("session")
    server = s_server(room)
    first = s_client(room, "-sess_out", session)
    talk(room, server, first, room.pairs[:2])
    finish(first)
    early = []
    if room.case.get("early"):
        early = ["-early_data", room.path("early", um.request(room.pairs[2][0]))]
    before = len(server.output)
    second = s_client(room, "-sess_in", session, *early)
    if room.case.get("early") == "taken":
        server.hear(room.pairs[2][0], before)
        server.say(um.reply(room.pairs[2][1]))
        second.hear(room.pairs[2][1])
        room.http += um.messages(room.pairs[2:3])
    else:
        second.hear(b"Verify return code" if room.case["version"] != "TLS 1.3" else b"---\n")
        time.sleep(0.3)
        talk(room, server, second, room.pairs[2:3])
    talk(room, server, second, room.pairs[3:])
    finish(second)
    if b"Reused" not in second.output:
        raise RuntimeError("not resumed")
    if room.case.get("keylog_lines"):
        with open(room.keylog, encoding="ascii") as f:
            lines = [line for line in f if not line.startswith("#")][:room.case["keylog_lines"]]
        room.path("keys.log", "".join(lines).encode())


def run_alert(room):
    """The handshake fails; the one who is told by alert prints its number."""
    server = s_server(room)
    client = s_client(room)
    time.sleep(0.5)
    client.stop()
    hearer = server if room.case["alert_by"] == "client" else client
    number = re.search(rb"SSL alert number (\d+)", hearer.output)
    if not number:
        raise RuntimeError(hearer.output)
    room.findings = [{"name": "tls-alert", "says": "the %s sent the alert" % room.case["alert_by"],
                      "number": int(number[1])}]


def run_gnutls(room):
    """GnuTLS on both sides: what libssl no longer speaks. The page differs from run to run."""
    priority = room.case["priority"]
    room.serve("gnutls-serv", "--http", "--port", str(room.port), "--x509keyfile", key("server.key"),
               "--x509certfile", key("server.crt"), "--priority", priority)
    client = room.start("gnutls-cli", "--no-ca-verification", "--sni-hostname", NAME, "--priority",
                        priority, "--port", str(room.port), "127.0.0.1", SSLKEYLOGFILE=room.keylog)
    client.hear(b"Simple Client Mode")
    client.say(b"GET / HTTP/1.0\r\n\r\n")
    start = client.hear(b"\r\n\r\n")
    client.wait()
    end = b"</HTML>\n\n"
    body = bytes(client.output[start:client.output.rindex(end) + len(end)])
    room.http = [um.message("req", b"", version="HTTP/1.0"),
                 um.message("resp", body, version="HTTP/1.0")]
    room.http[0].update(method="GET", uri="/")


NGINX = """daemon off; master_process off; pid %(folder)s/pid; error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path %(folder)s; proxy_temp_path %(folder)s; fastcgi_temp_path %(folder)s;
  uwsgi_temp_path %(folder)s; scgi_temp_path %(folder)s;
  %(more)s
  server {
    listen 127.0.0.1:%(port)d ssl %(http2)s; server_name um.example;
    ssl_certificate %(key)s.crt; ssl_certificate_key %(key)s.key;
    ssl_protocols %(protocol)s; ssl_ciphers %(ciphers)s;
    location / { proxy_pass http://127.0.0.1:%(backend)d; proxy_http_version 1.1; }
  }
}
"""


def run_nginx(room):
    """curl asks nginx, which asks the service in the clear."""
    case = room.case
    service = um.Server(room.guid)
    conf = NGINX % {"folder": room.folder, "port": room.port, "backend": service.port,
                    "key": key(case.get("certificate", "server")), "more": case.get("more", ""),
                    "protocol": case["protocol"], "ciphers": case.get("ciphers", "DEFAULT"),
                    "http2": "http2" if case.get("http") == "HTTP/2" else ""}
    room.serve("nginx", "-c", room.path("nginx.conf", conf.encode()), "-p", room.folder)
    command = ["curl", "-sS", "--insecure"]
    for number, (asked, _) in enumerate(room.pairs):
        command += ["--next"] if number else []
        command += ["-k", "-s", *case.get("curl", []), "--resolve", "%s:%d:127.0.0.1" % (NAME, room.port),
                    "-H", "Content-Type: text/xml; charset=utf-8", "--data-binary",
                    "@" + room.path("ask%d" % number, asked),
                    "https://%s:%d%s" % (NAME, room.port, um.PATH)]
    client = room.start(*command, SSLKEYLOGFILE=room.keylog)
    client.wait()
    seen = service.close()
    if len(seen) != len(room.pairs):
        raise RuntimeError(client.output)
    room.http = um.messages(seen, case.get("http", "HTTP/1.1"))


def run_nghttpd(room):
    """Two streams at once from nghttpd's files."""
    files = {"a.xml": um.told("Connected"), "b.xml": um.told("Disconnected") * 3}
    for name, content in files.items():
        room.path(name, content)
    room.serve("nghttpd", "-a", "127.0.0.1", "-d", room.folder, str(room.port), key("server.key"),
               key("server.crt"))
    urls = ["https://%s:%d/%s" % (NAME, room.port, name) for name in files]
    client = room.start("curl", "-sk", "--http2", "--parallel", "--resolve",
                        "%s:%d:127.0.0.1" % (NAME, room.port), *urls, SSLKEYLOGFILE=room.keylog)
    client.wait()
    for name, content in files.items():
        asked = um.message("req", b"", version="HTTP/2")
        asked.update(method="GET", uri="/" + name)
        room.http += [asked, um.message("resp", content, version="HTTP/2")]


RUNS = {"openssl": run_openssl, "resumed": run_resumed, "alert": run_alert, "gnutls": run_gnutls,
        "nginx": run_nginx, "nghttpd": run_nghttpd}


def keep(room, pcap):
    """Capture and secrets to their places; the options that read them."""
    name, source = room.case["name"], room.case["secrets"]
    out, keys = (os.path.join(CAPTURES, name + end) for end in (".pcap", ".keys"))
    for old in (out, out + "ng", keys):
        if os.path.exists(old):
            os.remove(old)
    if source == "dsb":
        subprocess.run(["editcap", "--inject-secrets", "tls," + room.keylog, pcap, out + "ng"], check=True)
        return name + ".pcapng", []
    os.rename(pcap, out)
    os.chmod(out, 0o644)
    if source == "keylog":
        with open(room.keylog, "rb") as f, open(keys, "wb") as to:
            to.write(b"".join(line for line in f if not line.startswith(b"#")))
        return name + ".pcap", ["--keylog", "captures/%s.keys" % name]
    return name + ".pcap", ["--tls-key", "keys/" + source] if source else []


def make(case):
    with tempfile.TemporaryDirectory() as folder:
        room = Room(case, folder)
        pcap = os.path.join(CAPTURES, ".making")
        capture = peers.Capture(room.port, pcap)
        try:
            RUNS[case["run"]](room)
        finally:
            room.stop()
            capture.end()
        file, options = keep(room, pcap)
    is_readable = bool(options) or case["secrets"] == "dsb"
    polls = [line for line in room.http if line["uri"] == um.PATH]
    return {"name": case["name"], "file": file, "options": options, "version": case["version"],
            "suite": case["suite"], "server_name": case.get("server_name", NAME),
            "http": room.http if is_readable else [],
            "calls": [room.guid] if is_readable and len(polls) == len(room.pairs) else [],
            "findings": room.findings or ([] if is_readable else [{"name": "encrypted"}])}


def main():
    if not os.environ.get("UM_MATRIX_INSIDE"):
        os.environ["UM_MATRIX_INSIDE"] = "1"
        os.environ.pop("SSLKEYLOGFILE", None)
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.makedirs(CAPTURES, exist_ok=True)
    make_keys()
    wanted = sys.argv[1:]
    made = {}
    if wanted and os.path.exists(EXPECTED):
        with open(EXPECTED, encoding="utf-8") as f:
            made = {entry["name"]: entry for entry in json.load(f)}
    failed = 0
    for case in cases.CASES:
        if wanted and case["name"] not in wanted:
            continue
        try:
            made[case["name"]] = make(case)
            print(case["name"])
        except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
            failed += 1
            print("%s: %s" % (case["name"], error))
    with open(EXPECTED, "w", encoding="utf-8") as f:
        order = [made[case["name"]] for case in cases.CASES if case["name"] in made]
        f.write("[\n" + ",\n".join(json.dumps(entry) for entry in order) + "\n]\n")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
