# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of tests/offline/limits.py: for each name of --limit captures in which it is reached at
a small value, with the finding that must say so, its sentence and its frames. With the default the
same capture must not have it."""
import gzip

import captures
from findings_make import Like, Sample, Tls
from limits_make import Bytes, in_fragments, in_ip, polls_at_once, with_tags

CASES = []


def reached(assignment, capture, text, frames, *options, name="limit-reached"):
    CASES.append((assignment, capture, options, name, text, frames))


def of_exchange(limit, operation):
    return "The limit %s cut what could be read of this %s exchange." % (limit, operation)


def of_messages(limit, count):
    return "The limit %s left nothing to read of %d HTTP messages." % (limit, count)


# ---- packets and connections ----

reached("flows=1", Sample("two-hops"),
        "Connections were given up before their end 8 times, at the limit flows.", [8],
        name="flows-evicted")
reached("pending=100", Sample("reordered"),
        "The limit pending made 4 holes be given up early.", [5])
reached("pending=100", Sample("reordered"),
        "1000 bytes of 2 streams never reached the capture, or came too late for a limit.", [5], name="bytes-lost")
reached("pending-total=100", Sample("reordered"),
        "The limit pending-total made 4 holes be given up early.", [5])
reached("fragments=100", in_fragments(Sample("completed")),
        "Fragments of IP datagrams were given up 24 times, at the limit fragments.", [4])
for wrapped in with_tags(Sample("completed"), 2), in_ip(Sample("completed"), 2):
    reached("tunnels=1", wrapped, "The limit tunnels left 30 packets unopened.", [1])
reached("tunnels=1", Tls("tls12-aes128gcm.pcap"),
        "The limit tunnels left 2 connections partly unopened.", [4],
        "--keylog", "{matrix}/tls12-aes128gcm.keys")

# ---- HTTP ----

reached("head=20", Sample("completed"), of_messages("head", 6), [4])  # the replies' lines fit
reached("head=100", Sample("completed"), of_messages("head", 5), [8])  # so did PlayOnPhone's field
reached("head=200", Sample("completed"), of_exchange("head", "GetCallInfo"), [8, 10])
reached("requests=1", Sample("pipelined"), of_exchange("requests", "GetCallInfo"), [14])
reached("h2-streams=2", polls_at_once(3), of_exchange("h2-streams", "GetCallInfo"), [5])
reached("body=100", Sample("completed"), of_messages("body", 12), [4])
reached("body=350", Sample("completed"), of_exchange("body", "GetCallInfo"), [8, 10])
reached("inflate=100", Sample("chunked-gzip"), of_messages("inflate", 4), [10])
reached("inflate=350", Sample("chunked-gzip"), of_exchange("inflate", "GetCallInfo"), [10, 12])

# compresses to a four hundredth
long_answer = gzip.compress(captures.answer().replace(b"<CallState>", b" " * 200000 + b"<CallState>"))
reached("inflate-ratio=100", Bytes("an answer with many blanks", captures.one_poll(
    captures.reply(long_answer, "Content-Encoding: gzip\r\n"))),
        of_exchange("inflate-ratio", "GetCallInfo"), [3, 4])

# ---- the service ----

reached("xml-depth=4", Sample("completed"), of_exchange("xml-depth", "GetCallInfo"), [8, 10])
reached("xml-depth=2", Sample("completed"), of_messages("xml-depth", 12), [4])
reached("xml-text=10", Sample("completed"), of_exchange("xml-text", "PlayOnPhone"), [4, 6])
reached("calls=3", Sample("morning"),
        "65 exchanges belong to calls past the limit calls and are left out.", [48])
reached("findings=1", Sample("lost-segments"),
        "1 more findings body-incomplete of this call are left out (limit findings).", [])

# ---- memory: what goes depends on how much each thing takes, so sizes are told by no figure ----

reached("memory=48K", Sample("crowd"),
        r"/Connections were given up before their end \d+ times, at the limit memory\.", None,
        name="flows-evicted")
reached("memory=64K", Sample("crowd"),
        r"/The limit memory cut what could be read of this \w+ exchange\.", None)
reached("memory=48K", Sample("crowd"),
        r"/The limit memory left no room to read \d+ connections\.", None)
reached("memory=48K", Sample("crowd"),
        r"/The limit memory left nothing to read of \d+ HTTP messages\.", None)
