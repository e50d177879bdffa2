/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The help text; a test holds it against the table of options. */
#include "offline/options.h"

static const char text[] =
    "usage: umtrace [OPTION]... CAPTURE...       several are one, by time; - is stdin\n"
    "       umtrace [OPTION]... -i INTERFACE     until Ctrl-C\n"
    "Reads Exchange Play on Phone calls out of captures and says what went wrong.\n"
    "\n"
    "show\n"
    "  -V, --view WHAT        calls (default), messages, http, streams, summary\n"
    "  -F, --format HOW       text (default), json, ndjson, csv, html\n"
    "  -o, --output FILE      written whole or not at all\n"
    "  -c, --call ID          this call: CallId or GUID, or its beginning; repeatable\n"
    "      --since TIME, --until TIME\n"
    "                         what happened then: 2026-11-23T18:33:21Z, or part of it\n"
    "      --follow           each change of a call's state, the moment it is known\n"
    "      --local            times in local time (text; all other formats keep UTC)\n"
    "      --color WHEN       auto (default: on a terminal, unless NO_COLOR is set),\n"
    "                         always, never\n"
    "read\n"
    "  -i, --interface NAME   packets of this network interface; \"any\" is all of them\n"
    "  -f, --filter EXPR      packets that match this capture filter (pcap-filter)\n"
    "  -k, --keylog FILE      TLS secrets, as SSLKEYLOGFILE makes browsers write them\n"
    "      --tls-key FILE     RSA private key of the server, PEM or PKCS#12\n"
    "      --from-messages    CAPTUREs are lines of -V messages -F ndjson from before\n"
    "write\n"
    "      --extract FILE     the packets of the calls shown, as pcapng\n"
    "      --redact           leave out numbers, names, hosts and addresses\n"
    "tune\n"
    "      --slow SECONDS     a reply that takes longer is slow (1)\n"
    "      --stuck-after SECONDS\n"
    "                         a call that stays in a state for longer is stuck (60)\n"
    "      --poll-gap SECONDS longer without a poll, a state can be missed (30)\n"
    "      --limit NAME=N     a ceiling, such as flows=65536 or memory=64M\n"
    "      --fail-on SEVERITY exit status 1 for an error, warning or note, or above\n"
    "\n"
    "  -q, --quiet            no messages about captures, no progress\n"
    "  -v, --verbose          what was counted\n"
    "      --progress         how far reading is, also where there is no terminal\n"
    "  -h, --help\n"
    "      --version\n"
    "\n"
    "exit status: 0 done, 1 --fail-on, 2 usage, 3 a capture could not be read to its\n"
    "             end, 4 the output could not be written, 5 out of memory\n"
    "example:     ssh um01 tcpdump -U -w - tcp port 80 | umtrace --follow -\n";

void
um_options_help(FILE *out)
{
    (void)fputs(text, out);
}
