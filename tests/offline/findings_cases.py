# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of tests/offline/findings.py: for each finding a capture in which it must be said, with
its sentence and its frames, and one much like it in which it must not be.

A capture is a sample, a sample's dialogue with some lines changed, a dialogue of its own, or the
packets of one of these with something done to them."""
from findings_make import (Dialogue, Like, Sample, SecretsBehind, Tls, cut_short, damaged,
                           of_link_type, with_servers_clock, without_frames)

CASES = []


def said(name, capture, text, frames, *options, status=0):
    CASES.append((name, capture, options, status, (text, frames)))


def not_said(name, capture, *options, status=0):
    CASES.append((name, capture, options, status, None))


# ---- about a call: how it ended ----

said("call-failed", Sample("busy"),
     "The call ended with UserBusy while it was being connected (the line was busy).", [14])
said("call-failed", Sample("ews"), "The call ended with UserBusy while it was being connected "
     "(the line was busy; SIP 486 Busy Here).", [14])
not_said("call-failed", Like("busy", ("Disconnected UserBusy", "Disconnected None")))
not_said("call-failed", Like("busy", ("Disconnected UserBusy", "Connecting UserBusy")))

said("call-not-connected", Sample("not-connected"),
     "The call ended without a cause while it was being connected, and no poll saw it connected.",
     [14])
not_said("call-not-connected", Like("not-connected", ("Connecting None", "Connected None")))
not_said("call-not-connected", Like("not-connected", ("Disconnected None", "Disconnected Other")))

said("call-open-at-end", Like("busy", ("@ 2.400", "capture until 2.3\n@ 2.400")),
     "The last that was seen of this call is Connecting: its end is not in the capture.", [10])
said("call-open-at-end", Like("busy", ("@ 2.400", "capture until 1\n@ 2.400")),
     "The last that was seen of this call is Connecting (implied): its end is not in the capture.",
     [6])
not_said("call-open-at-end", Sample("busy"))
not_said("call-open-at-end", Like("busy", ("@ 2.400", "capture from 2\n@ 2.400")))

said("call-origin-missing", Like("completed", ("@ 0.000", "capture from 1\n@ 0.000")),
     "The request that placed this call is not in the capture.", [1])
not_said("call-origin-missing", Sample("completed"))
not_said("call-origin-missing", Sample("greeting"))

# ---- about a call: its states ----

said("call-stuck", Sample("call-stuck"), "The call was Connecting for at least 69.8 s.", [6, 34])
said("call-stuck", Sample("completed"), "The call was Connecting for at least 2.0 s.", [6, 14],
     "--stuck-after", "2")
not_said("call-stuck",  # 49.8 s are certain
         Like("call-stuck", ("repeat 7", "repeat 5"), ("@ 80", "@ 59")))
not_said("call-stuck", Like("call-stuck", ("Connecting", "Connected")))

said("state-after-end", Sample("state-after-end"),
     "The call was Connected again after it had been told Disconnected.", [14, 18])
not_said("state-after-end",  # replies that cross have no sure order
         Sample("two-pollers"))
not_said("state-after-end", Like("state-after-end", ("Disconnected", "Connected")))

said("state-unusual", Sample("state-unusual"),
     'The server told a state that is not expected of such a call: "Alerted".', [10])
not_said("state-unusual", Like("state-unusual", ("Alerted", "Connecting")))
said("state-unknown", Sample("state-unknown"),
     'The server told a state that the schema does not have: "Ringing".', [10])
said("state-unknown", Like("state-unusual", ("Alerted", "alerted")),
     'The server told a state that the schema does not have: "alerted".', [10])
not_said("state-unknown", Like("state-unknown", ("Ringing", "Alerted")))
said("cause-unknown", Sample("state-unknown"),
     'The server told a cause that the schema does not have: "NetworkOutOfOrder".', [18])
not_said("cause-unknown", Like("state-unknown", ("NetworkOutOfOrder", "Unavailable")))
said("cause-on-live-call", Sample("cause-on-live-call"),
     "The server told the cause Other while the call was Connecting.", [10])
not_said("cause-on-live-call", Like("cause-on-live-call", ("Connecting Other", "Connecting None"),
                                    ("Disconnected None", "Disconnected Other")))
said("cause-settled-late", Sample("cause-settled-late"),
     "Disconnected came with the cause None first and with UserBusy later.", [10, 14])
not_said("cause-settled-late",  # the real one first
         Like("cause-settled-late", ("UserBusy", "Other"),
              ("Disconnected None", "Disconnected NoAnswer")))
not_said("cause-settled-late", Like("cause-settled-late", ("UserBusy", "None")))

# ---- about a call: how it was asked for ----

said("poll-after-end", Sample("poll-after-end"),
     "The client went on to poll 4 times, for 8.0 s, after Disconnected.", [14, 16, 28])
not_said("poll-after-end", Like("poll-after-end", ("repeat 5", "repeat 3")))  # two more
said("poll-gap", Sample("poll-gap"), "Nobody asked for the call's state for 43.0 s: a short one "
     "can have been missed.", [10, 12])
not_said("poll-gap", Like("poll-gap", ("@ 45", "@ 32")))
not_said("poll-gap", Sample("poll-gap"), "--poll-gap", "43")
not_said("poll-gap", Sample("expired"))  # nobody need ask after the end
said("poll-storm", Sample("poll-storm"), "The client polled 15 times within a second.", [8, 64])
not_said("poll-storm", Like("poll-storm", ("every 0.060", "every 0.100")))  # ten a second
said("call-expired", Sample("expired"),
     "GetCallInfo drew InvalidCallIdException: the server had forgotten the finished call.",
     [22, 24])
not_said("call-expired", Like("expired", ("fault InvalidCallIdException",
                                          "reply GetCallInfo Disconnected None")))
not_said("call-expired", Like("expired", ("Disconnected", "Connected")))
said("call-unknown-to-server", Sample("unknown-call"),
     "GetCallInfo drew InvalidCallIdException although the call was not seen to end.", [4, 6])
said("call-unknown-to-server", Like("expired", ("Disconnected", "Connected")),
     "GetCallInfo drew InvalidCallIdException although the call was not seen to end.", [22, 24])
not_said("call-unknown-to-server", Sample("expired"))
not_said("call-unknown-to-server",
         Like("unknown-call", ("InvalidCallIdException", "UserNotUmEnabledException")))

# ---- about a call: its id, its hops ----

said("call-id-opaque", Sample("opaque-id"),
     "The CallId is not base64 of a GUID and a host name.", [6])
not_said("call-id-opaque", Like("opaque-id", (
    "call opaque UM-CALL-0042", "call 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0050@um01.example.com"), (
    "folded opaque um-call-0042", "folded 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0050|um01.example.com")))
said("call-id-two-spellings", Sample("two-spellings"),
     "The CallId is written with '|' and with '@' behind its GUID.", [6, 8])
not_said("call-id-two-spellings", Like("two-spellings", ("call=at", "call=bar")))
said("call-moved", Sample("call-moved"),
     "The CallId names the server um01.example.com and the server um02.example.com.", [6, 12])
not_said("call-moved", Like("call-moved", ("@um02.", "@UM01.")))  # names of hosts have no case
said("call-two-hops", Sample("two-hops"),
     "4 requests were seen on a second connection within 50 ms and counted once.",
     [7, 9, 15, 17, 23, 25, 31, 33])
not_said("call-two-hops", Like("two-hops",  # more than 50 ms later
                               ("@ 0.015 back", "@ 0.065 back"), ("@ 1.255 back", "@ 1.305 back"),
                               ("@ 1.290 back", "@ 1.330 back"), ("@ 1.295 front", "@ 1.340 front"),
                               ("@ 2.255 back", "@ 2.305 back"), ("@ 2.290 back", "@ 2.330 back"),
                               ("@ 2.295 front", "@ 2.340 front"), ("@ 3.255 back", "@ 3.305 back"),
                               ("@ 3.290 back", "@ 3.330 back"), ("@ 3.295 front", "@ 3.340 front")))
# A client that asked again at once on a new connection was once taken for a hop: its poll was not
# counted, and of the first connection's end nothing was said.
ASKED_AGAIN = Dialogue("""
    id call 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0051@um01.example.com
    @ 0.000 first 10.0.0.1:40000 > 10.0.0.2:80 open
    @ 0.010 first > request PlayOnPhone
    @ 0.250 first < reply PlayOnPhone call=call
    @ 1.000 first > request GetCallInfo call=call
    @ 1.005 first < reply GetCallInfo Connected None
    @ 1.010 first > close
    @ 1.015 second 10.0.0.1:40001 > 10.0.0.3:80 open
    @ 1.020 second > request GetCallInfo call=call
    @ 1.025 second < reply GetCallInfo Connected None
    @ 2.000 second > request GetCallInfo call=call
    @ 2.005 second < reply GetCallInfo Disconnected None
    @ 2.010 second > close
    """)
RETRIED = Dialogue("""
    id call 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0052@um01.example.com
    @ 0.000 first 10.0.0.1:40000 > 10.0.0.2:80 open
    @ 0.010 first > request PlayOnPhone
    @ 0.250 first < reply PlayOnPhone call=call
    @ 1.000 first > request GetCallInfo call=call
    @ 1.010 first < reset
    @ 1.015 second 10.0.0.1:40001 > 10.0.0.2:80 open
    @ 1.020 second > request GetCallInfo call=call
    @ 1.025 second < reply GetCallInfo Connected None
    @ 2.000 second > request GetCallInfo call=call
    @ 2.005 second < reply GetCallInfo Disconnected None
    @ 2.010 second > close
    """)
not_said("call-two-hops", ASKED_AGAIN)
not_said("call-two-hops", RETRIED)

# ---- about an exchange ----

said("request-unanswered", Sample("unanswered-reset"),
     "GetCallInfo was not answered: the connection was reset.", [12])
said("request-unanswered", RETRIED, "GetCallInfo was not answered: the connection was reset.", [8])
said("request-unanswered", Sample("unanswered-closed"),
     "GetCallInfo was not answered: the connection was closed.", [12])
said("request-unanswered", Sample("unanswered-end"),
     "PlayOnPhone was not answered: the capture ended.", [4])
said("request-unanswered", without_frames(Sample("busy"), 10),
     "GetCallInfo was not answered: bytes of the server's direction are missing from the capture.",
     [8])
# A connection that was given up at a limit was once said to have met the end of the capture.
said("request-unanswered", Dialogue("""
    id one 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0054@um01.example.com
    id two 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0055@um01.example.com
    @ 0.000 first 10.0.0.1:40000 > 10.0.0.2:80 open
    @ 0.000 second 10.0.0.1:40001 > 10.0.0.2:80 open
    @ 0.010 first > request GetCallInfo call=one
    @ 0.020 second > request GetCallInfo call=two
    @ 0.030 second < reply GetCallInfo Connected None
    @ 0.040 first < reply GetCallInfo Connected None
    """), "GetCallInfo was not answered: the connection was given up at a limit.", [7],
     "--limit", "flows=1")
not_said("request-unanswered", Sample("busy"))
not_said("request-unanswered", Sample("one-direction"))
not_said("request-unanswered",  # a part of the reply was captured
         Like("unanswered-closed", ("@ 4.500 <", "@ 4.400 < reply GetCallInfo Connected None cut=90\n"
                                                 "@ 4.500 <")))
said("reply-orphan", Sample("orphan-reply"),
     "The request of this GetCallInfo reply is not in the capture.", [1])
not_said("reply-orphan", Like("orphan-reply", ("capture from 1.270", "capture from 1.240")))
said("reply-slow", Sample("slow-reply"), "GetCallInfo was answered after 2.500 s.", [8, 10])
not_said("reply-slow", Like("slow-reply", ("@ 4.500", "@ 3.000")))  # one second, and no more
not_said("reply-slow", Sample("slow-reply"), "--slow", "2.5")
said("http-error", Sample("http-error"), "GetCallInfo drew HTTP status 503.", [12, 14])
not_said("http-error", Like("http-error", ("status 503", "status 200"), ("status 502", "status 401")))
not_said("http-error", Sample("rejected"))  # HTTP 500 with a fault
said("soap-fault", Sample("rejected"),
     'PlayOnPhone drew DialingRulesException ("The number cannot be dialled.").', [4, 6])
not_said("soap-fault", Like("rejected", ("fault DialingRulesException", "status 500")))
not_said("soap-fault", Sample("expired"))  # told by the more exact name
said("service-error", Sample("service-error"),
     'PlayOnPhone drew ErrorPhoneNumberNotDialable ("example text").', [4, 6])
not_said("service-error", Sample("ews"))
said("authentication-failed", Sample("authentication-legs"),
     "GetCallInfo drew HTTP status 401 and no later one succeeded.", [46, 48])
not_said("authentication-failed", Like("authentication-legs", (
    "@ 3.135 mallory < status 401 field=\"WWW-Authenticate: NTLM\" type=text/html\n"
    "| <html><body>401 - Unauthorized: Access is denied due to invalid credentials.</body></html>",
    "@ 3.135 mallory < reply GetCallInfo Connected None")))

# ---- about an exchange: its bodies ----

said("xml-malformed", Sample("xml-malformed"),
     "The GetCallInfo reply is not well-formed XML: it was read up to the fault.", [8, 10])
not_said("xml-malformed", Like("xml-malformed", ("</EventCuase>", "</EventCause>")))
not_said("xml-malformed", Sample("body-incomplete"))
said("doctype-refused", Sample("doctype"),
     "The GetCallInfo reply has a document type: it was read up to there.", [8, 10])
not_said("doctype-refused", Like("doctype", ('| <!DOCTYPE soap [<!ENTITY state "Connected">]>\n', ""),
                                 ("&state;", "Connected")))
said("body-incomplete", Sample("body-incomplete"),
     "A part of the GetCallInfo reply is missing: what was captured is shown.", [8, 10])
said("body-incomplete", Sample("packets-cut"),
     "A part of the GetCallInfo reply is missing: what was captured is shown.", [8, 10])
not_said("body-incomplete", Like("body-incomplete", (" cut=520", "")))
said("limit-reached", Sample("completed"),
     "The limit xml-depth cut what could be read of this GetCallInfo exchange.", [8, 10],
     "--limit", "xml-depth=4")
not_said("limit-reached", Sample("completed"), "--limit", "xml-depth=5")
said("namespace-https", Sample("namespace-https"),
     "The request of this GetCallInfo exchange names its namespace with https:.", [8, 10])
said("namespace-https", Sample("seed"),
     "The request and the reply of this GetCallInfo exchange name their namespace with https:.",
     [4, 6])
not_said("namespace-https", Like("namespace-https", (" namespace=https", "")))
said("soapaction-mismatch", Sample("soapaction-mismatch"),
     "The SOAPAction names Disconnect, the body is GetCallInfo.", [20, 22])
not_said("soapaction-mismatch", Like("soapaction-mismatch", ("action=Disconnect", "action=getcallinfo")))
said("call-id-missing", Sample("call-id-missing"), "This GetCallInfo request names no call.",
     [4, 6])
said("call-id-missing", Sample("call-id-missing"), "This PlayOnPhone reply names no call.", [8, 10])
not_said("call-id-missing", Like("call-id-missing", (
    "@ 0.000", "id call 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0053@um01.example.com\n@ 0.000"), (
    "request GetCallInfo", "request GetCallInfo call=call"), (
    "reply PlayOnPhone", "reply PlayOnPhone call=call")))

# ---- about the capture ----

said("capture-truncated", cut_short(Sample("completed"), 20),
     "FILE: ends inside the packet at byte 8908: cut short; what stands before it was read.",
     [29], status=3)
not_said("capture-truncated", without_frames(Sample("completed"), 30))
said("packets-cut", Sample("packets-cut"), "2 packets of 22 are cut by the snap length.", [10])
not_said("packets-cut", Like("packets-cut", ("snaplen 640", "snaplen 2000")))
said("bytes-lost", Sample("lost-segments"), "247 bytes of 2 streams never reached the capture.", [18])
not_said("bytes-lost", Like("lost-segments", (" lose=6", ""), (" lose=5", ""), (" lose=7", "")))
not_said("bytes-lost", Sample("late-start"))  # what came before the capture
not_said("bytes-lost", Sample("packets-cut"))
not_said("bytes-lost", Sample("one-direction"))
not_said("bytes-lost", Sample("reordered"))
said("encrypted", Tls("tls12-rsa-no-secrets.pcap"),
     "1 TLS connection to um.example (127.0.0.1:34425) could not be read (5574 bytes; TLS 1.2, "
     "TLS_RSA_WITH_AES_128_CBC_SHA): no secrets were at hand; a key log or the server's RSA private "
     "key is needed.", [4])
said("encrypted", Tls("tls12-aes128gcm.pcap"),
     "1 TLS connection to um.example (127.0.0.1:33501) could not be read (5403 bytes; TLS 1.2, "
     "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256): none of the secrets given is of these connections; a "
     "key log of the same time is needed, the server's private key does not help.", [4],
     "--keylog", "{matrix}/tls13-aes128gcm.keys")
said("encrypted", without_frames(Tls("tls12-aes128gcm.pcap"), 4),  # ClientHello
     "1 TLS connection to 127.0.0.1:33501 could not be read (5242 bytes; TLS 1.2, "
     "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256): their ClientHello was not captured, and up to TLS 1.2 "
     "no secret opens anything without it: start the capture, then the client.", [5],
     "--keylog", "{matrix}/tls12-aes128gcm.keys")
said("encrypted", without_frames(Tls("tls12-rsa-key.pcap"), 6),  # ServerHello
     "1 TLS connection to um.example (127.0.0.1:48391) could not be read (5291 bytes; no ServerHello "
     "captured): none of the secrets given opens them; the ServerHello, which says what would, was "
     "not captured.", [4], "--tls-key", "{matrix}/../keys/server.key")
LACKS_EXCHANGE = ("the key exchange that a private key opens, theirs or that of the session which "
                  "they resume, was not captured whole; a key log of the same time is needed.")
said("encrypted", without_frames(Tls("tls12-rsa-key.pcap"), 8),  # ClientKeyExchange
     "1 TLS connection to um.example (127.0.0.1:48391) could not be read (5291 bytes; TLS 1.2, "
     "TLS_RSA_WITH_AES_128_GCM_SHA256): " + LACKS_EXCHANGE, [4],
     "--tls-key", "{matrix}/../keys/server.key")
said("encrypted", without_frames(Tls("tls12-rsa-ticket.pcap"), *range(1, 21)),  # the first session
     "1 TLS connection to um.example (127.0.0.1:38055) could not be read (2442 bytes; TLS 1.2, "
     "TLS_RSA_WITH_AES_128_GCM_SHA256): " + LACKS_EXCHANGE, [4],
     "--tls-key", "{matrix}/../keys/server.key")
said("encrypted", SecretsBehind("tls12-aes128gcm"),
     "1 TLS connection to um.example (127.0.0.1:33501) could not be read (5403 bytes; TLS 1.2, "
     "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256): their secrets came too late, in the capture but behind "
     "the packets that they open: give them with --keylog, or write them in front of the packets "
     "(editcap --extract-secrets, editcap --inject-secrets).", [4])
not_said("encrypted", SecretsBehind("tls12-aes128gcm"), "--keylog", "{matrix}/tls12-aes128gcm.keys")
not_said("encrypted", Tls("tls12-aes128gcm.pcap"), "--keylog", "{matrix}/tls12-aes128gcm.keys")
not_said("encrypted", Tls("tls13-aes256gcm-dsb.pcapng"))  # the file brings its secrets
said("tls-alert", Tls("alert-protocol-version.pcap"),
     "The TLS handshake with um.example (127.0.0.1:58541) failed: the server sent the alert "
     "protocol_version (70).", [6])
not_said("tls-alert", without_frames(Tls("alert-protocol-version.pcap"), 6))
not_said("tls-alert", Tls("tls12-rsa-no-secrets.pcap"))  # close_notify, which nobody can read
said("tls-record-failed", damaged(Tls("tls12-aes128gcm.pcap"), 10),
     "1 TLS record failed authentication and left a hole: damaged, not of this connection, or behind "
     "too many that are missing.",
     [10], "--keylog", "{matrix}/tls12-aes128gcm.keys")
not_said("tls-record-failed", Tls("tls12-aes128gcm.pcap"), "--keylog", "{matrix}/tls12-aes128gcm.keys")
said("one-direction", Sample("one-direction"), "Of 1 connection only one direction was captured.",
     [10])
not_said("one-direction", Like("one-direction", (" only=>", "")))
said("flows-evicted", Sample("two-hops"),
     "Connections were given up before their end 8 times, at the limit flows.", [8], "--limit",
     "flows=1")
not_said("flows-evicted", Sample("two-hops"), "--limit", "flows=2")
said("clock-backwards", Sample("clock-backwards"),
     "1 packet is earlier in time than the packet before.", [12])
said("clock-backwards", with_servers_clock(Sample("busy"), -0.3),
     "3 replies are earlier in time than their requests.", [3])
said("clock-backwards", with_servers_clock(Sample("busy"), -0.3, is_sorted=False),
     "5 packets are earlier in time than the packet before, and 3 replies are earlier in time than "
     "their requests.", [2])
not_said("clock-backwards", with_servers_clock(Sample("busy"), 0.3))
not_said("clock-backwards", Like("clock-backwards", ("@ 2.100 clock -0.500\n", "")))
said("link-type-unknown", of_link_type(Sample("busy"), 147),
     "18 packets of a link type that cannot be read were passed over (the first: LINKTYPE 147).",
     [1])
not_said("link-type-unknown", Sample("busy"))
