/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes a display filter apart into comparisons, the words between them and brackets, and writes
 * each in the other syntax. Nothing is guessed: one thing that has no counterpart, and there is no
 * hint at all. Source: wireshark-filter(4), pcap-filter(7).
 */
#include "offline/capture/filter_hint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/span.h"

enum { WORD_MAX = 64 };

/* A field, and what a capture filter writes before the value; NULL: it has no word for it. */
static const struct field {
    const char *name;
    const char *primitive;
} fields[] = {
    {"tcp.port", "tcp port"},
    {"tcp.srcport", "tcp src port"},
    {"tcp.dstport", "tcp dst port"},
    {"udp.port", "udp port"},
    {"udp.srcport", "udp src port"},
    {"udp.dstport", "udp dst port"},
    {"ip.addr", "host"},
    {"ip.src", "src host"},
    {"ip.dst", "dst host"},
    {"ip.host", "host"},
    {"ipv6.addr", "host"},
    {"ipv6.src", "src host"},
    {"ipv6.dst", "dst host"},
    {"eth.addr", "ether host"},
    {"eth.src", "ether src"},
    {"eth.dst", "ether dst"},
    {"vlan.id", "vlan"},
    {"frame.len", "len"},
};

/* Protocols whose other fields are known to be fields, though there is no word for them. */
static const char *const protocols[] = {"http", "http2", "tcp", "udp",  "ip",  "ipv6", "eth", "tls",
                                        "ssl",  "frame", "xml", "vlan", "sip", "umws", "dns"};

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '.' || c == '_' || c == '-' || c == ':' || c == '/';
}

/* The next word, operator or bracket; empty at the end. */
static struct um_span
next_token(const char **at)
{
    while (isspace((unsigned char)**at))
        (*at)++;
    const char *begin = *at;
    if (is_word(*begin)) {
        while (is_word(**at))
            (*at)++;
    } else if (strchr("=!<>&|", *begin) && *begin) {
        while (**at && strchr("=!<>&|", **at) && (*at == begin || **at != '!'))
            (*at)++;
    } else if (*begin) {
        (*at)++;
    }
    return um_span_of(begin, (size_t)(*at - begin));
}

static bool
is_token(struct um_span token, const char *text)
{
    return um_span_equal(token, um_span_text(text));
}

static const struct field *
find_field(struct um_span token)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (is_token(token, fields[i].name))
            return &fields[i];
    }
    return NULL;
}

/* "http.host": a protocol that is known, a dot, a letter. */
static bool
is_field(struct um_span token)
{
    size_t dot = um_span_find(token, '.');
    if (dot + 1 >= token.len || !isalpha(token.data[dot + 1]))
        return false;
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        if (is_token(um_span_first(token, dot), protocols[i]))
            return true;
    }
    return false;
}

/* ---- writing the other syntax ---- */

struct hint {
    char *out;
    size_t size, len;
    bool is_possible;
};

static void
put(struct hint *hint, struct um_span word)
{
    bool opens = hint->len > 0 && hint->out[hint->len - 1] == '(';
    bool needs_space = hint->len > 0 && !opens && !is_token(word, ")");
    if (word.len >= WORD_MAX || hint->len + word.len + 2 > hint->size) {
        hint->is_possible = false;
        return;
    }
    hint->len += (size_t)snprintf(hint->out + hint->len, hint->size - hint->len, "%s%.*s",
                                  needs_space ? " " : "", (int)word.len, (const char *)word.data);
}

/* An address with a prefix is a net; a comparison other than with == wants "len". */
static void
put_comparison(struct hint *hint, const struct field *field, struct um_span operation,
               struct um_span value)
{
    bool is_same = is_token(operation, "==") || is_token(operation, "eq");
    bool is_other = is_token(operation, "!=") || is_token(operation, "ne");
    bool is_length = strcmp(field->primitive, "len") == 0;
    bool is_net = um_span_find(value, '/') < value.len;
    const char *primitive = field->primitive;
    if (is_net)
        primitive = strcmp(primitive, "host") == 0       ? "net"
                    : strcmp(primitive, "src host") == 0 ? "src net"
                    : strcmp(primitive, "dst host") == 0 ? "dst net"
                                                         : NULL;
    if (!primitive || value.len == 0 || !is_word((char)value.data[0]) ||
        (!is_length && !is_same && !is_other)) {
        hint->is_possible = false;
        return;
    }
    if (is_other && !is_length)
        put(hint, um_span_text("not"));
    put(hint, um_span_text(primitive));
    if (is_length)
        put(hint, operation);
    put(hint, value);
}

/* The words between comparisons that both have; NULL: neither one of them. */
static const char *
connective(struct um_span token)
{
    static const char *const pairs[][2] = {
        {"&&", "and"},  {"and", "and"},  {"||", "or"},   {"or", "or"},     {"!", "not"},
        {"not", "not"}, {"(", "("},      {")", ")"},     {"tcp", "tcp"},   {"udp", "udp"},
        {"ip", "ip"},   {"ipv6", "ip6"}, {"arp", "arp"}, {"icmp", "icmp"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (is_token(token, pairs[i][0]))
            return pairs[i][1];
    }
    /* told by what carries them */
    if (is_token(token, "http"))
        return "tcp port 80";
    return is_token(token, "tls") || is_token(token, "ssl") ? "tcp port 443" : NULL;
}

bool
um_filter_hint(const char *expression, char *out, size_t size)
{
    struct hint hint = {.out = out, .size = size, .is_possible = true};
    bool has_field = false;
    const char *at = expression;
    out[0] = '\0';
    for (struct um_span token = next_token(&at); token.len > 0; token = next_token(&at)) {
        const struct field *field = find_field(token);
        const char *word = connective(token);
        has_field = has_field || field || is_field(token);
        if (field) {
            struct um_span operation = next_token(&at);
            put_comparison(&hint, field, operation, next_token(&at));
        } else if (word) {
            put(&hint, um_span_text(word));
        } else {
            hint.is_possible = false;
        }
    }
    if (!hint.is_possible || !has_field)
        out[0] = '\0';
    return has_field;
}
