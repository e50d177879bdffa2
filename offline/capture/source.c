/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain bytes go from the system straight into the caller's room; coded ones come through a block
 * of our own. The window of a zstd frame is bounded by zstd's default (128 MB). The only file of
 * capture that knows zlib and zstd.
 */
#include "offline/capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "offline/capture/growing.h"

enum { IN_BYTES = 256 * 1024, HEAD_BYTES = 4, WAIT_MS = 200 };

enum coding { CODING_NONE, CODING_GZIP, CODING_ZSTD };

struct um_source {
    int fd;
    const volatile sig_atomic_t *stop;
    struct um_trouble *trouble;
    uint8_t head[HEAD_BYTES]; /* read to recognise the coding, not given yet */
    size_t head_at;
    size_t head_len;
    uint64_t taken;            /* bytes read */
    bool may_wait;             /* a pipe, a terminal: a read may have to wait for its bytes */
    struct um_growing growing; /* a file that is followed */
    enum coding coding;

    /* of a coding */
    z_stream gzip;
    ZSTD_DStream *zstd;
    uint8_t *in; /* coded bytes */
    size_t in_at;
    size_t in_len;
    bool is_inside;     /* a gzip member or zstd frame has begun and not ended */
    bool has_more;      /* the decoder may hold bytes that did not fit into the room */
    int failure;        /* told once the bytes before it have been given */
    const char *damage; /* what the decoder said, or NULL; static */
    bool has_ended;     /* a member or frame has: what follows may be none of ours */
    bool has_tail;      /* and is not */
};

static bool
is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static bool
is_stopped(const struct um_source *source)
{
    return source->stop && *source->stop;
}

/*
 * A signal that comes just before a read would not end it, so that a read that may wait for long is
 * begun only when there is something.
 */
static void
wait_for_bytes(const struct um_source *source)
{
    struct pollfd wait = {.fd = source->fd, .events = POLLIN};
    while (!is_stopped(source) && poll(&wait, 1, WAIT_MS) <= 0)
        ;
}

/* What the system says; a signal that does not stop us is no reason to read less. */
static int
read_fd(struct um_source *source, uint8_t *room, size_t len, size_t *got)
{
    ssize_t n;
    bool was_growing;
    int err = UM_OK;
    do {
        *got = 0;
        if (source->may_wait)
            wait_for_bytes(source);
        if (is_stopped(source))
            return UM_OK;
        n = read(source->fd, room, len);
        was_growing = source->growing.is_on;
        if (n == 0 && was_growing)
            err = um_growing_wait(&source->growing, source->fd, source->taken, source->trouble);
    } while (!err && ((n < 0 && errno == EINTR) || (n == 0 && was_growing)));
    if (err)
        return err;
    if (n < 0) {
        um_trouble_say(source->trouble, false, "%s", strerror(errno));
        return UM_ERR_IO;
    }
    *got = (size_t)n;
    source->taken += (uint64_t)n;
    return UM_OK;
}

/* The bytes as they lie in the file, the head that was looked at included. */
static int
read_raw(struct um_source *source, uint8_t *room, size_t len, size_t *got)
{
    size_t left = source->head_len - source->head_at;
    if (left == 0)
        return read_fd(source, room, len, got);
    *got = len < left ? len : left;
    memcpy(room, source->head + source->head_at, *got);
    source->head_at += *got;
    return UM_OK;
}

/* ---- codings ---- */

static enum coding
recognise(const uint8_t *head, size_t len)
{
    if (len >= 2 && head[0] == 0x1f && head[1] == 0x8b)
        return CODING_GZIP;
    if (len < 4)
        return CODING_NONE;
    bool is_frame = memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0;
    bool is_skippable = (head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0;
    return is_frame || is_skippable ? CODING_ZSTD : CODING_NONE;
}

static const char *
coding_name(const struct um_source *source)
{
    return source->coding == CODING_GZIP ? "gzip" : "zstd";
}

static int
damaged(struct um_source *source, const char *why)
{
    source->damage = why;
    return UM_ERR_FORMAT;
}

/* Bytes that are not decoded begin here. */
static uint64_t
coded_at(const struct um_source *source)
{
    return source->taken - (source->in_len - source->in_at);
}

static int
tell_failure(const struct um_source *source)
{
    if (source->has_tail)
        um_trouble_say(source->trouble, false,
                       "has something else behind its %s data, from byte %" PRIu64
                       " on: that was not read",
                       coding_name(source), coded_at(source));
    else if (source->damage)
        um_trouble_say(source->trouble, false, "its %s data is damaged: %s", coding_name(source),
                       source->damage);
    return source->failure;
}

/* Members may be padded with zeros, as on tapes. */
static void
skip_padding(struct um_source *source)
{
    while (source->in_at < source->in_len && source->in[source->in_at] == 0)
        source->in_at++;
}

/* Whatever a gateway or a script has put behind the end: does it begin as something coded? */
static bool
begins_another(const struct um_source *source)
{
    uint8_t first = source->in[source->in_at];
    return source->coding == CODING_GZIP ? first == 0x1f : first == 0x28 || first >> 4 == 5;
}

static int
undo_gzip(struct um_source *source, void *room, size_t len, size_t *got)
{
    z_stream *z = &source->gzip;
    z->next_in = source->in + source->in_at;
    z->avail_in = (uInt)(source->in_len - source->in_at);
    z->next_out = room;
    z->avail_out = (uInt)len;
    int result = inflate(z, Z_NO_FLUSH);
    source->in_at = source->in_len - z->avail_in;
    *got = len - z->avail_out;
    source->is_inside = result != Z_STREAM_END;
    source->has_more = result == Z_OK && z->avail_out == 0;
    if (result == Z_STREAM_END)
        result = inflateReset(z);
    if (result == Z_MEM_ERROR)
        return UM_ERR_NOMEM;
    if (result == Z_OK || result == Z_BUF_ERROR)
        return UM_OK;
    return damaged(source, z->msg ? z->msg : "it needs a dictionary");
}

static int
undo_zstd(struct um_source *source, void *room, size_t len, size_t *got)
{
    ZSTD_inBuffer in = {.src = source->in, .size = source->in_len, .pos = source->in_at};
    ZSTD_outBuffer out = {.dst = room, .size = len, .pos = 0};
    size_t result = ZSTD_decompressStream(source->zstd, &out, &in);
    source->in_at = in.pos;
    *got = out.pos;
    source->is_inside = result != 0;
    source->has_more = result != 0 && out.pos == len;
    return ZSTD_isError(result) ? damaged(source, ZSTD_getErrorName(result)) : UM_OK;
}

/* More coded bytes; in_len is 0 only at the end. */
static int
refill(struct um_source *source)
{
    source->in_at = 0;
    int err = read_raw(source, source->in, IN_BYTES, &source->in_len);
    if (err || source->in_len > 0 || !source->is_inside)
        return err;
    um_trouble_say(source->trouble, true, "ends inside its %s data: cut short",
                   coding_name(source));
    return UM_ERR_FORMAT;
}

/* Between members or frames, before the next one, there may be zeros. */
static int
undo(struct um_source *source, uint8_t *room, size_t len, size_t *got)
{
    if (source->has_ended && !source->is_inside) {
        skip_padding(source);
        if (source->in_at == source->in_len)
            return UM_OK;
        source->has_tail = !begins_another(source);
        if (source->has_tail)
            return UM_ERR_FORMAT;
    }
    int err = source->coding == CODING_GZIP ? undo_gzip(source, room, len, got)
                                            : undo_zstd(source, room, len, got);
    source->has_ended = source->has_ended || !source->is_inside;
    return err;
}

/* A failure waits until the bytes before it have been given. */
static int
read_coded(struct um_source *source, uint8_t *room, size_t len, size_t *got)
{
    if (len > UINT_MAX)
        len = UINT_MAX;
    *got = 0;
    while (*got == 0 && !source->failure) {
        if (source->in_at == source->in_len && !source->has_more) {
            source->failure = refill(source);
            if (source->failure || source->in_len == 0)
                break;
        }
        source->failure = undo(source, room, len, got);
    }
    return *got > 0 ? UM_OK : tell_failure(source);
}

static int
start_decoder(struct um_source *source)
{
    if (source->coding == CODING_NONE)
        return UM_OK;
    source->in = malloc(IN_BYTES);
    if (!source->in)
        return UM_ERR_NOMEM;
    if (source->coding == CODING_GZIP)
        return inflateInit2(&source->gzip, 15 + 16) == Z_OK ? UM_OK : UM_ERR_NOMEM;
    source->zstd = ZSTD_createDStream();
    return source->zstd ? UM_OK : UM_ERR_NOMEM;
}

/* ---- the door ---- */

/* Reads the head, however short the reads are, and gets ready for what it promises. */
static int
start(struct um_source *source)
{
    size_t got = 1;
    while (source->head_len < HEAD_BYTES && got > 0) {
        int err =
            read_fd(source, source->head + source->head_len, HEAD_BYTES - source->head_len, &got);
        if (err)
            return err;
        source->head_len += got;
    }
    source->coding = recognise(source->head, source->head_len);
    return start_decoder(source);
}

/* A fifo makes us wait for its writer, so this too can be interrupted. */
static int
open_path(struct um_source *source, const char *path)
{
    do {
        source->fd = open(path, O_RDONLY | O_CLOEXEC);
    } while (source->fd < 0 && errno == EINTR && !is_stopped(source));
    if (source->fd >= 0)
        return UM_OK;
    um_trouble_say(source->trouble, false, "%s", strerror(errno));
    return UM_ERR_IO;
}

int
um_source_open(const char *path, const volatile sig_atomic_t *stop, bool follows,
               struct um_trouble *trouble, struct um_source **out)
{
    struct um_source *source = calloc(1, sizeof *source);
    if (!source)
        return UM_ERR_NOMEM;
    source->fd = STDIN_FILENO;
    source->stop = stop;
    source->trouble = trouble;
    int err = is_stdin(path) ? UM_OK : open_path(source, path);
    struct stat status;
    source->may_wait = !err && fstat(source->fd, &status) == 0 && !S_ISREG(status.st_mode);
    source->growing.is_on = !err && follows && um_source_is_regular(source);
    if (!err)
        err = start(source);
    if (err)
        um_source_free(source);
    else
        *out = source;
    return err;
}

void
um_source_free(struct um_source *source)
{
    if (!source)
        return;
    if (source->fd > STDIN_FILENO)
        (void)close(source->fd);
    (void)inflateEnd(&source->gzip);
    (void)ZSTD_freeDStream(source->zstd);
    free(source->in);
    free(source);
}

int
um_source_read(struct um_source *source, uint8_t *room, size_t len, size_t *got)
{
    return source->coding == CODING_NONE ? read_raw(source, room, len, got)
                                         : read_coded(source, room, len, got);
}

uint64_t
um_source_taken(const struct um_source *source)
{
    return source->taken;
}

int
um_source_plain_file(const struct um_source *source)
{
    bool is_plain = source->coding == CODING_NONE && um_source_is_regular(source);
    return is_plain && !source->growing.is_on ? source->fd : -1;
}

bool
um_source_is_regular(const struct um_source *source)
{
    struct stat status;
    return source->fd != STDIN_FILENO && fstat(source->fd, &status) == 0 && S_ISREG(status.st_mode);
}
