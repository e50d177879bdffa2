/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CLIENT_RANDOM <client random> <master secret>
 * CLIENT_TRAFFIC_SECRET_0 <client random> <secret>       and four more like it
 * RSA <first 8 bytes of the encrypted premaster> <premaster>
 * PMS_CLIENT_RANDOM <client random> <premaster>
 * RSA Session-ID:<session id> Master-Key:<master secret>
 */
#include "offline/tls/keylog.h"

#include <ctype.h>

#include "core/base/digits.h"

enum { ASCII_MAX = 0x7f };

static const struct {
    const char *text;
    enum um_secret_label label;
    size_t id_len;
} labels[] = {
    {"CLIENT_RANDOM", UM_SECRET_MASTER, 32},
    {"CLIENT_EARLY_TRAFFIC_SECRET", UM_SECRET_CLIENT_EARLY, 32},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", UM_SECRET_CLIENT_HANDSHAKE, 32},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", UM_SECRET_SERVER_HANDSHAKE, 32},
    {"CLIENT_TRAFFIC_SECRET_0", UM_SECRET_CLIENT_APPLICATION, 32},
    {"SERVER_TRAFFIC_SECRET_0", UM_SECRET_SERVER_APPLICATION, 32},
    {"RSA", UM_SECRET_PREMASTER, 8},
    {"PMS_CLIENT_RANDOM", UM_SECRET_PREMASTER_RANDOM, 32},
};

/* Bytes written; 0 when the text is no hexadecimal number, or too long. */
static size_t
read_hex(struct um_span text, uint8_t *out, size_t max)
{
    if (text.len % 2 != 0 || text.len / 2 > max)
        return 0;
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = um_hex_digit(text.data[2 * i]), low = um_hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return text.len / 2;
}

/* The next word of a line. */
static struct um_span
next_word(struct um_span *rest)
{
    *rest = um_span_trim(*rest);
    size_t len = 0;
    while (len < rest->len && !isspace(rest->data[len]))
        len++;
    struct um_span word = um_span_first(*rest, len);
    *rest = um_span_from(*rest, len);
    return word;
}

static bool
skip_prefix(struct um_span *word, const char *prefix)
{
    struct um_span text = um_span_text(prefix);
    if (!um_span_starts(*word, text))
        return false;
    *word = um_span_from(*word, text.len);
    return true;
}

/* Has it a length that such secrets have? Half of one must not keep the whole one out. */
static bool
is_whole(enum um_secret_label label, size_t len)
{
    if (label == UM_SECRET_PREMASTER_RANDOM) /* of any key exchange */
        return len >= 16;
    if (label == UM_SECRET_MASTER || label == UM_SECRET_SESSION || label == UM_SECRET_PREMASTER)
        return len == 48;
    return len == 32 || len == 48; /* of TLS 1.3: a hash */
}

/* `id_len` 0: any. */
static int
keep(struct um_keylog *keylog, enum um_secret_label label, struct um_span id_text, size_t id_len,
     struct um_span secret_text)
{
    uint8_t id[UM_SECRET_ID_MAX], secret[UM_SECRET_MAX];
    struct um_span id_bytes = um_span_of(id, read_hex(id_text, id, sizeof id));
    struct um_span bytes = um_span_of(secret, read_hex(secret_text, secret, sizeof secret));
    int err = UM_OK;
    if (!is_whole(label, bytes.len) || id_bytes.len == 0 ||
        (id_len > 0 && id_bytes.len != id_len)) {
        keylog->malformed++;
    } else {
        keylog->understood++;
        err = um_secrets_add(keylog->secrets, label, id_bytes, bytes);
    }
    um_crypto_wipe(secret, sizeof secret);
    return err;
}

static bool
begins_with_label(struct um_span text)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        struct um_span label = um_span_text(labels[i].text);
        if (um_span_starts(text, label) && text.len > label.len && isspace(text.data[label.len]))
            return true;
    }
    return false;
}

/* Length of the text before a label that stands inside it. */
static size_t
before_label(struct um_span text)
{
    for (size_t at = 1; at < text.len; at++) {
        uint8_t before = text.data[at - 1];
        if (isupper(text.data[at]) && (isspace(before) || um_hex_digit(before) >= 0) &&
            begins_with_label(um_span_from(text, at)))
            return at;
    }
    return text.len;
}

/* What stands between line feeds or labels. */
static int
read_entry(struct um_keylog *keylog, struct um_span entry)
{
    struct um_span rest = entry;
    struct um_span label = next_word(&rest), id = next_word(&rest), secret = next_word(&rest);
    if (label.len == 0)
        return UM_OK;
    if (skip_prefix(&id, "Session-ID:") && skip_prefix(&secret, "Master-Key:"))
        return keep(keylog, UM_SECRET_SESSION, id, 0, secret);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (um_span_equal(label, um_span_text(labels[i].text)))
            return keep(keylog, labels[i].label, id, labels[i].id_len, secret);
    }
    if (secret.len > 0)
        keylog->others++;
    else
        keylog->malformed++;
    return UM_OK;
}

/* The first entry of the line, or all of it. */
static int
read_first(struct um_keylog *keylog)
{
    struct um_span line = um_span_of(keylog->line, keylog->line_len);
    size_t len = before_label(line);
    uint64_t malformed = keylog->malformed;
    int err = read_entry(keylog, um_span_first(line, len));
    if (malformed == 0 && keylog->malformed > 0)
        keylog->first_malformed = keylog->lines + 1;
    keylog->line_len -= len;
    memmove(keylog->line, keylog->line + len, keylog->line_len);
    um_crypto_wipe(keylog->line + keylog->line_len, len);
    return err;
}

/* After an error something may be left. */
static void
forget(struct um_keylog *keylog)
{
    um_crypto_wipe(keylog->line, keylog->line_len);
    keylog->line_len = 0;
}

static int
end_line(struct um_keylog *keylog)
{
    int err = UM_OK;
    while (keylog->line_len > 0 && !err)
        err = read_first(keylog);
    forget(keylog);
    keylog->lines++;
    keylog->is_comment = false;
    return err;
}

int
um_keylog_push(struct um_keylog *keylog, struct um_span bytes)
{
    int err = UM_OK;
    for (size_t i = 0; i < bytes.len && !err; i++) {
        uint8_t byte = bytes.data[i];
        if (byte == '#')
            keylog->is_comment = true;
        if (byte == '\n') {
            err = end_line(keylog);
        } else if (byte > 0 && byte <= ASCII_MAX && !keylog->is_comment) {
            if (keylog->line_len == sizeof keylog->line)
                err = read_first(keylog);
            keylog->line[keylog->line_len++] = (char)byte;
        }
    }
    if (err)
        forget(keylog);
    return err;
}

int
um_keylog_end(struct um_keylog *keylog)
{
    return end_line(keylog);
}

/* The text of the bytes, and what ends it. */
static size_t
put_hex(uint8_t *out, struct um_span bytes, uint8_t end)
{
    static const uint8_t digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = end;
    return 2 * bytes.len + 1;
}

static int
tell_line(const char *label, struct um_span id, struct um_span secret, um_keylog_line_fn emit,
          void *ctx)
{
    uint8_t line[UM_KEYLOG_LINE_MAX];
    struct um_span name = um_span_text(label);
    size_t len = name.len;
    memcpy(line, name.data, name.len);
    line[len++] = ' ';
    len += put_hex(line + len, id, ' ');
    len += put_hex(line + len, secret, '\n');
    int err = emit(ctx, um_span_of(line, len));
    um_crypto_wipe(line, sizeof line);
    return err;
}

int
um_keylog_lines(const struct um_secrets *secrets, struct um_span client_random,
                um_keylog_line_fn emit, void *ctx)
{
    int err = UM_OK;
    for (size_t i = 0; i < sizeof labels / sizeof *labels && !err; i++) {
        struct um_span secret = um_secrets_find(secrets, labels[i].label, client_random);
        if (secret.len > 0 && labels[i].id_len == client_random.len)
            err = tell_line(labels[i].text, client_random, secret, emit, ctx);
    }
    return err;
}
