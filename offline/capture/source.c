/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain bytes are read straight into the reader's memory; compressed ones by way of `packed`. */
#include "offline/capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    PACKED_BYTES = 128 * 1024,
    MAGIC_BYTES = 4,
    GZIP_WINDOW = 15 + 16, /* zlib: the greatest window, gzip's wrapping */
};

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct um_source {
    int fd;
    const volatile sig_atomic_t *const *stop;
    enum packing packing;
    bool is_stopped;
    bool has_ended;    /* the file; there may be packed bytes left */
    bool is_inside;    /* a gzip member or zstd frame has begun and not ended */
    uint8_t *packed;   /* PACKED_BYTES; also holds the first bytes of a plain file */
    size_t begin, end; /* what is left of it */
    z_stream zlib;
    bool has_zlib;
    ZSTD_DStream *zstd;
};

/* Memory of the decoders beside `packed` is bounded by their formats' windows. */
static const char CUT[] = "its compressed data ends early: everything before it was read";
static const char BROKEN[] = "its compressed data is damaged: everything before it was read";

static int
open_path(const char *path, int *fd, const char **why)
{
    struct stat status;
    *fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) {
        *why = strerror(errno);
        return UM_ERR_IO;
    }
    if (fstat(*fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)close(*fd);
        *why = strerror(EISDIR);
        return UM_ERR_IO;
    }
    return UM_OK;
}

int
um_source_open(const char *path, const volatile sig_atomic_t *const *stop, struct um_source **out,
               const char **why)
{
    int fd;
    int err = open_path(path, &fd, why);
    if (err)
        return err;
    struct um_source *source = calloc(1, sizeof *source);
    uint8_t *packed = malloc(PACKED_BYTES);
    if (!source || !packed) {
        free(source);
        free(packed);
        (void)close(fd);
        return UM_ERR_NOMEM;
    }
    source->fd = fd;
    source->stop = stop;
    source->packed = packed;
    *out = source;
    return UM_OK;
}

void
um_source_free(struct um_source *source)
{
    if (!source)
        return;
    (void)close(source->fd); /* was only read from */
    if (source->has_zlib)
        (void)inflateEnd(&source->zlib);
    (void)ZSTD_freeDStream(source->zstd);
    free(source->packed);
    free(source);
}

bool
um_source_was_stopped(const struct um_source *source)
{
    return source->is_stopped;
}

/* One read of the file; *got is 0 at its end. */
static int
read_file(struct um_source *source, uint8_t *out, size_t room, size_t *got, const char **why)
{
    *got = 0;
    while (!source->has_ended) {
        if (source->stop && *source->stop && **source->stop) {
            source->is_stopped = source->has_ended = true;
            break;
        }
        ssize_t count = read(source->fd, out, room);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            *why = strerror(errno);
            return UM_ERR_IO;
        }
        source->has_ended = count == 0;
        *got = (size_t)count;
        break;
    }
    return UM_OK;
}

/* Makes packed bytes available, unless the file is over. */
static int
refill(struct um_source *source, const char **why)
{
    if (source->begin < source->end)
        return UM_OK;
    source->begin = source->end = 0;
    return read_file(source, source->packed, PACKED_BYTES, &source->end, why);
}

/* The first bytes tell; a pipe may give them one by one. */
static int
tell_packing(struct um_source *source, const char **why)
{
    static const uint8_t gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    while (source->end < MAGIC_BYTES && !source->has_ended) {
        size_t got;
        int err =
            read_file(source, source->packed + source->end, PACKED_BYTES - source->end, &got, why);
        if (err)
            return err;
        source->end += got;
    }
    struct um_span head = um_span_of(source->packed, source->end);
    source->packing = PACKING_NONE;
    if (um_span_starts(head, um_span_of(gzip, sizeof gzip))) {
        source->packing = PACKING_GZIP;
        if (inflateInit2(&source->zlib, GZIP_WINDOW) != Z_OK)
            return UM_ERR_NOMEM;
        source->has_zlib = true;
    } else if (um_span_starts(head, um_span_of(zstd, sizeof zstd))) {
        source->packing = PACKING_ZSTD;
        source->zstd = ZSTD_createDStream();
        if (!source->zstd)
            return UM_ERR_NOMEM;
    }
    return UM_OK;
}

static int
read_plain(struct um_source *source, uint8_t *out, size_t room, size_t *got, const char **why)
{
    size_t kept = source->end - source->begin;
    if (kept == 0)
        return read_file(source, out, room, got, why);
    *got = kept < room ? kept : room;
    memcpy(out, source->packed + source->begin, *got);
    source->begin += *got;
    return UM_OK;
}

/* One step of zlib; a member that has ended is followed by the next. */
static int
unpack_gzip(struct um_source *source, uint8_t *out, size_t room, size_t *got, const char **why)
{
    z_stream *zlib = &source->zlib;
    zlib->next_in = source->packed + source->begin;
    zlib->avail_in = (uInt)(source->end - source->begin);
    zlib->next_out = out;
    zlib->avail_out = (uInt)room;
    source->is_inside = true;
    int result = inflate(zlib, Z_NO_FLUSH);
    source->begin = source->end - zlib->avail_in;
    *got = room - zlib->avail_out;
    if (result == Z_MEM_ERROR)
        return UM_ERR_NOMEM;
    if (result == Z_STREAM_END) {
        source->is_inside = false;
        return inflateReset(zlib) == Z_OK ? UM_OK : UM_ERR_NOMEM;
    }
    if (result == Z_OK || result == Z_BUF_ERROR)
        return UM_OK;
    *why = BROKEN;
    return UM_ERR_FORMAT;
}

static int
unpack_zstd(struct um_source *source, uint8_t *out, size_t room, size_t *got, const char **why)
{
    ZSTD_inBuffer in = {source->packed, source->end, source->begin};
    ZSTD_outBuffer to = {out, room, 0};
    size_t result = ZSTD_decompressStream(source->zstd, &to, &in);
    source->begin = in.pos;
    *got = to.pos;
    if (ZSTD_isError(result)) {
        *why = BROKEN;
        return UM_ERR_FORMAT;
    }
    source->is_inside = result != 0;
    return UM_OK;
}

int
um_source_read(struct um_source *source, uint8_t *out, size_t room, size_t *got, const char **why)
{
    *got = 0;
    int err = source->packing == PACKING_UNKNOWN ? tell_packing(source, why) : UM_OK;
    if (err)
        return err;
    if (source->packing == PACKING_NONE)
        return read_plain(source, out, room, got, why);
    while (!err && *got == 0) {
        err = refill(source, why);
        if (err)
            break;
        bool is_dry = source->begin == source->end;
        if (is_dry && !source->is_inside)
            break;
        err = source->packing == PACKING_GZIP ? unpack_gzip(source, out, room, got, why)
                                              : unpack_zstd(source, out, room, got, why);
        if (!err && is_dry && *got == 0) {
            if (source->is_stopped)
                break;
            *why = CUT;
            err = UM_ERR_FORMAT;
        }
    }
    return err;
}
