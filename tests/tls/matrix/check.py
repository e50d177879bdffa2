#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds umtrace against what the peers of the matrix said and heard.

    check.py UMTRACE [NAME...]"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COMPARED = ("kind", "method", "uri", "status", "version", "body_len", "body_sha256")


def run(*arguments):
    environment = {**os.environ, "UMTRACE_TLS_KEY_PASSWORD": "secret"}
    done = subprocess.run(arguments, cwd=HERE, capture_output=True, timeout=60, env=environment)
    return done.returncode, done.stdout, done.stderr


def lines(umtrace, entry, view, file):
    status, out, errors = run(umtrace, "-V", view, "-F", "ndjson", *entry["options"], file)
    if status != 0:
        raise RuntimeError("status %d, %s" % (status, errors.decode(errors="replace")[-800:]))
    return [json.loads(line) for line in out.splitlines()]


def check_http(umtrace, entry, file):
    def as_keys(messages):
        return sorted(json.dumps([message[key] for key in COMPARED]) for message in messages)
    found = lines(umtrace, entry, "http", file)
    if as_keys(found) != as_keys(entry["http"]):
        yield "messages differ:\n  expected %s\n  found    %s" % (
            as_keys(entry["http"]), as_keys(found))
    tls = {"version": entry["version"], "suite": entry["suite"], "server_name": entry["server_name"],
           "verified": True}
    for message in found:
        if message["tls"] != tls:
            yield "came through %s, expected %s" % (message["tls"], tls)
        if not message["complete"]:
            yield "not complete: %s" % message


def check_calls(umtrace, entry, file):
    found = lines(umtrace, entry, "calls", file)
    calls = [(line["guid"], line["outcome"], line["exchanges"]) for line in found
             if line["type"] == "call"]
    if calls != [(guid, "completed", 4) for guid in entry["calls"]]:
        yield "calls: %s" % calls
    findings = [line for line in found if line["type"] == "finding"]
    if [finding["name"] for finding in findings] != [wanted["name"] for wanted in entry["findings"]]:
        yield "findings: %s" % findings
        return
    for finding, wanted in zip(findings, entry["findings"]):
        text = finding["text"]
        if not finding["frames"] or entry["server_name"] not in text:
            yield "a finding without frame or server: %s" % finding
        if wanted["name"] == "encrypted" and entry["suite"] not in text:
            yield "a finding without suite: %s" % finding
        if wanted["name"] == "tls-alert" and not (
                wanted["says"] in text and "(%d)" % wanted["number"] in text):
            yield "another alert: %s" % finding


def secrets_of(entry):
    """All that must not be in any output: key log secrets, raw and in hexadecimal."""
    names = entry["options"][1::2]
    for name in names:
        if name.endswith(".keys"):
            with open(os.path.join(HERE, name), encoding="ascii") as f:
                for line in f:
                    yield line.split()[2]


def check_secrecy(umtrace, entry, file):
    """Nothing in any view and format, verbose, shows a secret."""
    secrets = list(secrets_of(entry))
    outputs = b""
    for view in ("calls", "messages", "http", "streams", "summary"):
        for form in ("text", "json", "ndjson"):
            _, out, errors = run(umtrace, "-v", "-V", view, "-F", form, *entry["options"], file)
            outputs += out + errors
    for secret in secrets:
        if bytes.fromhex(secret) in outputs or secret.encode() in outputs.lower():
            yield "a secret is shown"


def damage(file, out):
    """The last byte of the last packet with many bytes, which is the end of a record, is changed;
    its number."""
    with open(os.path.join(HERE, file), "rb") as f:
        data = bytearray(f.read())
    at, number, last = 24, 0, (0, 0)
    while at < len(data):
        length = int.from_bytes(data[at + 8:at + 12], "little")
        number += 1
        if length > 400:
            last = (at + 16 + length - 1, number)
        at += 16 + length
    data[last[0]] ^= 1
    with open(out, "wb") as f:
        f.write(data)
    return last[1]


def check_damaged(umtrace, entry, file):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "damaged.pcap")
        frame = damage(file, path)
        found = [line for line in lines(umtrace, entry, "calls", path)
                 if line["type"] == "finding"]
    if [(f["name"], f["severity"], f["frames"]) for f in found
            if f["name"] != "body-incomplete"] != [("tls-record-failed", "warning", [frame])]:
        yield "damaged in frame %d, but %s" % (frame, found)


def cut(file, frames, out):
    """A capture without these."""
    with open(os.path.join(HERE, file), "rb") as f:
        data = f.read()
    at, number, kept = 24, 0, [data[:24]]
    while at < len(data):
        end = at + 16 + int.from_bytes(data[at + 8:at + 12], "little")
        number += 1
        if number not in frames:
            kept.append(data[at:end])
        at = end
    with open(out, "wb") as f:
        f.write(b"".join(kept))


def check_hidden_change(umtrace, entry, file):
    """Without the packets of both Finished, what was said is read with the keys that began there."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cut.pcap")
        cut(file, (8, 9), path)
        yield from check_http(umtrace, entry, path)


def check_joined(umtrace, entry, file):
    """Of a capture that began when the client was connected, the key log of everything."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "late.pcap")
        cut(file, range(1, 10), path)
        found = lines(umtrace, entry, "http", path)
    expected = [[message[key] for key in COMPARED] for message in entry["http"]]
    known = [message for message in found if [message[key] for key in COMPARED] in expected]
    if len(known) != len(found) or len(found) < 6:
        yield "from the middle on: %s" % found
    tls = {"version": entry["version"], "suite": entry["suite"], "server_name": None, "verified": True}
    if any(message["tls"] != tls for message in found):
        yield "from the middle on, through another TLS: %s" % found


def check_bare(umtrace, entry, file):
    """What is not encrypted is read without secrets, and said not to be verified."""
    told = lines(umtrace, entry, "http", file)
    bare = lines(umtrace, {**entry, "options": []}, "http", file)
    for message in told:
        message["tls"]["verified"] = False
    if bare != told:
        yield "without secrets: %s" % bare
    yield from check_calls(umtrace, {**entry, "options": []}, file)
    for form in (["-V", "messages"], ["-V", "http"], ["-F", "html"]):
        _, out, _ = run(umtrace, *form, file)
        if b"NULL_SHA256 (not verified)" not in b" ".join(out.split()):
            yield "without secrets, %s: %s" % (form, out.decode())


def check(umtrace, entry):
    file = "captures/" + entry["file"]
    yield from check_http(umtrace, entry, file)
    yield from check_calls(umtrace, entry, file)
    if entry["name"] in ("tls12-aes128gcm", "tls13-aes128gcm", "tls12-rsa-keylog"):
        yield from check_secrecy(umtrace, entry, file)
    if entry["name"] in ("tls12-aes128gcm", "tls13-aes128gcm"):
        yield from check_damaged(umtrace, entry, file)
    if entry["name"] in ("tls11-rc4", "tls12-3des", "tls12-aes128gcm", "tls12-etm-sha384"):
        yield from check_hidden_change(umtrace, entry, file)
    if entry["name"] in ("tls13-aes128gcm", "tls13-key-update", "tls13-nginx-gzip"):
        yield from check_joined(umtrace, entry, file)
    if "NULL" in (entry["suite"] or ""):
        yield from check_bare(umtrace, entry, file)


def check_key_files(umtrace):
    """What is said of a file that opens nothing, and that it is never shown."""
    said = {("server.p12", None): "is sealed with a password: put it into the environment variable "
                                  "UMTRACE_TLS_KEY_PASSWORD",
            ("server.p12", "wrong"): "the password in UMTRACE_TLS_KEY_PASSWORD does not open it",
            ("server-sealed.key", "wrong"): "the password in UMTRACE_TLS_KEY_PASSWORD does not open it",
            ("ec.key", None): "holds no RSA private key", ("server.crt", None): "holds no RSA private key",
            ("missing", None): "No such file"}
    for (name, password), text in said.items():
        environment = {key: os.environ[key] for key in os.environ if key != "UMTRACE_TLS_KEY_PASSWORD"}
        if password:
            environment["UMTRACE_TLS_KEY_PASSWORD"] = password
        done = subprocess.run([umtrace, "--tls-key", "keys/" + name, "captures/tls12-rsa-key.pcap"], cwd=HERE,
                              capture_output=True, timeout=60, env=environment, check=False)
        if done.returncode != 2 or done.stdout or text not in done.stderr.decode():
            yield "--tls-key %s, password %s: status %d, %s" % (name, password, done.returncode,
                                                                done.stderr.decode())
        if password and password.encode() in done.stderr:
            yield "the password is shown"


def check_other_secrets(umtrace):
    """What is said when the secrets are of something else, or cut short."""
    with tempfile.TemporaryDirectory() as folder:
        cut = os.path.join(folder, "cut.keys")
        with open(os.path.join(HERE, "captures/tls13-aes128gcm.keys"), encoding="ascii") as f, \
                open(cut, "w", encoding="ascii") as to:
            to.writelines(line for line in f if "HANDSHAKE" in line)
        for options, capture, text in (
                (["--keylog", cut], "tls13-aes128gcm", "only in part"),
                (["--keylog", "captures/tls13-ccm8.keys"], "tls13-aes128gcm",
                 "none of the secrets given is of these connections; a key log of the same time is needed"),
                (["--tls-key", "keys/other.key"], "tls12-rsa-key",
                 "or this server's RSA private key, with the whole of their handshakes, is needed"),
                (["--tls-key", "keys/server.key"], "tls12-aes128gcm", "the server's private key does not help")):
            _, out, _ = run(umtrace, "-F", "ndjson", *options, "captures/%s.pcap" % capture)
            found = [line for line in map(json.loads, out.splitlines()) if line["type"] == "finding"]
            if [line["name"] for line in found] != ["encrypted"] or text not in found[0]["text"]:
                yield "%s with %s: %s" % (capture, options, found)


def check_early_data(umtrace):
    """A request in early data whose secret is not in the key log is told as not read."""
    with tempfile.TemporaryDirectory() as folder:
        keylog = os.path.join(folder, "keys.log")
        with open(os.path.join(HERE, "captures/tls13-early.keys"), encoding="ascii") as f, \
                open(keylog, "w", encoding="ascii") as to:
            to.writelines(line for line in f if "EARLY" not in line)
        _, out, _ = run(umtrace, "-F", "ndjson", "--keylog", keylog, "captures/tls13-early.pcap")
    found = {line["name"]: line["text"] for line in map(json.loads, out.splitlines())
             if line["type"] == "finding"}
    if "be read only in part (2912 bytes; TLS 1.3" not in found.get("encrypted", ""):
        yield "early data without its secret: %s" % found


def check_joined_logs(umtrace):
    """Two logs in one without a line feed between them: all is read. What was cut is told, not shown."""
    with tempfile.TemporaryDirectory() as folder:
        keylog = os.path.join(folder, "keys.log")
        text = ""
        for name in ("tls12-aes128gcm", "tls13-aes128gcm"):
            with open(os.path.join(HERE, "captures/%s.keys" % name), encoding="ascii") as f:
                text += f.read().rstrip("\n")
        cut = "CLIENT_RANDOM 0123456789abcdef"
        for end, told in (("", ""),
                          ("\n" + cut, "umtrace: --keylog %s: line %d: left out, no whole secret\n" %
                           (keylog, text.count("\n") + 2))):
            with open(keylog, "w", encoding="ascii") as f:
                f.write(text + end)
            for name in ("tls12-aes128gcm", "tls13-aes128gcm"):
                status, out, errors = run(umtrace, "-F", "ndjson", "--keylog", keylog, "captures/%s.pcap" % name)
                findings = [line for line in map(json.loads, out.splitlines())
                            if line["type"] == "finding" and line["name"] == "encrypted"]
                if status != 0 or findings or errors.decode() != told:
                    yield "joined logs: %s: %s, %s" % (name, findings, errors.decode())


def check_dropped(umtrace):
    """Secrets past the limit memory are told, and so is what they would have opened."""
    with tempfile.TemporaryDirectory() as folder:
        keylog = os.path.join(folder, "keys.log")
        with open(os.path.join(HERE, "captures/tls12-aes128gcm.keys"), encoding="ascii") as f:
            wanted = f.read()
        with open(keylog, "w", encoding="ascii") as f:
            for number in range(50000):
                f.write("CLIENT_RANDOM %064x %096x\n" % (number, number))
            f.write(wanted)
        _, out, _ = run(umtrace, "-F", "ndjson", "--limit", "memory=1M", "--keylog", keylog,
                        "captures/tls12-aes128gcm.pcap")
        found = {line["name"]: line["text"] for line in map(json.loads, out.splitlines())
                 if line["type"] == "finding"}
        if "encrypted" not in found or "TLS secrets" not in found.get("limit-reached", ""):
            yield "dropped secrets: %s" % found


def main():
    umtrace = os.path.abspath(sys.argv[1])
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as f:
        entries = [entry for entry in json.load(f) if not sys.argv[2:] or entry["name"] in sys.argv[2:]]
    wrong = 0
    for entry in entries:
        try:
            for line in check(umtrace, entry):
                wrong += 1
                print("%s: %s" % (entry["name"], line))
        except (RuntimeError, ValueError) as error:
            wrong += 1
            print("%s: %s" % (entry["name"], error))
    for line in [*check_key_files(umtrace), *check_other_secrets(umtrace),
                 *check_early_data(umtrace), *check_joined_logs(umtrace), *check_dropped(umtrace)]:
        wrong += 1
        print(line)
    print("%d captures looked at, %d wrong" % (len(entries), wrong))
    sys.exit(wrong > 0 or not entries)


if __name__ == "__main__":
    main()
