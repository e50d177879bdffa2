/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a message begins. Start lines are recognised strictly where anything may stand before them;
 * once they are where they belong they are read leniently (head.c).
 */
#include "core/http/head.h"

enum { METHOD_MAX = 24 }; /* longer than every registered method */

/* A bit a character of RFC 9110's token: letters, digits and !#$%&'*+-.^_`|~ */
static inline bool
is_token(uint8_t c)
{
    static const uint32_t tokens[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    return tokens[c / 32] >> c % 32 & 1;
}

/* RFC 9110, WebDAV and its extensions, UPnP, and those Microsoft's servers see */
#define METHOD(name)                                                                               \
    {                                                                                              \
        (name), sizeof(name) - 1                                                                   \
    }
static const struct {
    const char *name;
    size_t len;
} known_methods[] = {
    METHOD("GET"),
    METHOD("POST"),
    METHOD("HEAD"),
    METHOD("PUT"),
    METHOD("DELETE"),
    METHOD("OPTIONS"),
    METHOD("CONNECT"),
    METHOD("TRACE"),
    METHOD("PATCH"),
    METHOD("PROPFIND"),
    METHOD("PROPPATCH"),
    METHOD("MKCOL"),
    METHOD("COPY"),
    METHOD("MOVE"),
    METHOD("LOCK"),
    METHOD("UNLOCK"),
    METHOD("REPORT"),
    METHOD("SEARCH"),
    METHOD("SUBSCRIBE"),
    METHOD("UNSUBSCRIBE"),
    METHOD("NOTIFY"),
    METHOD("POLL"),
    METHOD("BCOPY"),
    METHOD("BMOVE"),
    METHOD("BDELETE"),
    METHOD("BPROPFIND"),
    METHOD("BPROPPATCH"),
    METHOD("M-SEARCH"),
    METHOD("MERGE"),
    METHOD("CHECKOUT"),
    METHOD("CHECKIN"),
    METHOD("UNCHECKOUT"),
    METHOD("MKACTIVITY"),
    METHOD("BASELINE-CONTROL"),
    METHOD("VERSION-CONTROL"),
    METHOD("MKWORKSPACE"),
    METHOD("UPDATE"),
    METHOD("LABEL"),
    METHOD("ACL"),
    METHOD("MKCALENDAR"),
    METHOD("ORDERPATCH"),
    METHOD("RPC_IN_DATA"),
    METHOD("RPC_OUT_DATA"),
    METHOD("BITS_POST"),
    METHOD("CCM_POST"),
    METHOD("LINK"),
    METHOD("UNLINK"),
    METHOD("PURGE"),
    METHOD("BIND"),
    METHOD("REBIND"),
    METHOD("UNBIND"),
    METHOD("RPC_CONNECT"),
    METHOD("SMS_POST"),
};

/* `is_cut`: what there is of a method may be the beginning of a known one. */
static bool
is_known_method(struct um_span method, bool is_cut)
{
    if (method.data[0] < 'A' || method.data[0] > 'Z')
        return false; /* most words are told from all of them at once */
    for (size_t i = 0; i < sizeof known_methods / sizeof *known_methods; i++) {
        size_t len = known_methods[i].len;
        if ((uint8_t)known_methods[i].name[0] != method.data[0] ||
            (is_cut ? method.len > len : method.len != len))
            continue;
        if (memcmp(known_methods[i].name, method.data, method.len) == 0)
            return true;
    }
    return false;
}

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Compares with a pattern in which '0' stands for any digit, as far as there are bytes. */
static enum um_step
match(struct um_span bytes, const char *pattern)
{
    size_t len = strlen(pattern);
    for (size_t i = 0; i < len; i++) {
        if (i == bytes.len)
            return UM_MORE;
        bool is_same =
            pattern[i] == '0' ? is_digit(bytes.data[i]) : bytes.data[i] == (uint8_t)pattern[i];
        if (!is_same)
            return UM_BAD;
    }
    return UM_DONE;
}

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static enum um_step
look_for_status(struct um_span bytes)
{
    enum um_step step = match(bytes, "HTTP/1.0 000");
    if (step != UM_DONE)
        return step;
    if (bytes.len == strlen("HTTP/1.0 000"))
        return UM_MORE;
    uint8_t next = bytes.data[strlen("HTTP/1.0 000")];
    if (next != ' ' && next != '\r' && next != '\n')
        return UM_BAD;
    return um_span_find(bytes, '\n') < bytes.len ? UM_DONE : UM_MORE;
}

/* Behind the target: "HTTP/1.1" and the line's end. */
static enum um_step
look_for_version(struct um_span bytes)
{
    enum um_step step = match(bytes, "HTTP/1.0");
    if (step != UM_DONE)
        return step;
    struct um_span rest = um_span_from(bytes, strlen("HTTP/1.0"));
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] == '\n')
            return UM_DONE;
        if (rest.data[i] != '\r' && rest.data[i] != ' ')
            return UM_BAD;
    }
    return UM_MORE;
}

/* `*refused`: no request begins in so many bytes, which were read in vain; else left alone. */
static enum um_step
look_for_request(struct um_span bytes, bool known_only, size_t *refused)
{
    size_t method_len = 0;
    while (method_len < bytes.len && method_len <= METHOD_MAX && is_token(bytes.data[method_len]))
        method_len++;
    if (method_len == 0 || method_len > METHOD_MAX)
        return UM_BAD;
    bool is_cut = method_len == bytes.len;
    struct um_span method = um_span_first(bytes, method_len);
    if (known_only && !is_known_method(method, is_cut))
        return UM_BAD;
    if (is_cut)
        return UM_MORE;
    if (bytes.data[method_len] != ' ')
        return UM_BAD;
    bool is_known = known_only || is_known_method(method, false);
    /* targets of careless clients hold spaces: the version is what stands last on the line; but
       with a method made up it is prose */
    struct um_span rest = um_span_from(bytes, method_len + 1);
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] == '\n' || rest.data[i] == '\r' || rest.data[i] == '\0') {
            *refused = method_len + 1 + i;
            return UM_BAD;
        }
        if (rest.data[i] != ' ')
            continue;
        enum um_step step = look_for_version(um_span_from(rest, i + 1));
        if (step != UM_BAD || !is_known)
            return step;
    }
    return UM_MORE;
}

enum um_step
um_http_head_look(struct um_span bytes, enum um_http_look look)
{
    size_t refused;
    enum um_step step = look == UM_HTTP_LOOK_REQUEST ? UM_BAD : look_for_status(bytes);
    if (step != UM_BAD || look == UM_HTTP_LOOK_REPLY)
        return step;
    return look_for_request(bytes, look != UM_HTTP_LOOK_ANY, &refused);
}

bool
um_http_head_is_word(uint8_t byte)
{
    return is_token(byte);
}

/* A status line is telling enough to be taken inside a word, a method is not. */
size_t
um_http_head_find(struct um_span bytes, size_t from, uint8_t before, enum um_http_look look)
{
    size_t refused_to = 0; /* so that a line full of methods is read once, not once a method */
    for (size_t at = from; at < bytes.len; at++) {
        struct um_span rest = um_span_from(bytes, at);
        if (rest.data[0] < 'A' || rest.data[0] > 'Z')
            continue;
        if (look != UM_HTTP_LOOK_REQUEST && look_for_status(rest) != UM_BAD)
            return at;
        if (look == UM_HTTP_LOOK_REPLY || at < refused_to ||
            is_token(at > 0 ? bytes.data[at - 1] : before))
            continue;
        size_t refused = 0;
        if (look_for_request(rest, true, &refused) != UM_BAD)
            return at;
        refused_to = at + refused;
    }
    return bytes.len;
}
