/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a capture file, from a file or standard input, gzip and zstd undone. Needs no seek,
 * so pipes are as good as files. The only user of zlib and libzstd in capture.
 * Source: RFC 1952, RFC 8878.
 */
#ifndef UM_CAPTURE_SOURCE_H
#define UM_CAPTURE_SOURCE_H

#include <signal.h>

#include "core/base/err.h"
#include "core/base/span.h"

struct um_source;

/*
 * Opens `path` ("-": standard input). When `*stop` (may be NULL) becomes true reading ends as at
 * the end of the file, also while it waits for a pipe. 0, UM_ERR_NOMEM, or UM_ERR_IO with `why` set
 * to a static or thread-local phrase.
 */
int um_source_open(const char *path, const volatile sig_atomic_t *const *stop,
                   struct um_source **out, const char **why);
void um_source_free(struct um_source *source);

/*
 * Reads up to `room` bytes into `out`, at least one unless the end is reached; *got tells how many.
 * 0, UM_ERR_NOMEM, UM_ERR_IO (the system refused), UM_ERR_FORMAT (bad or cut compression); with the
 * latter two `why` is set as above, and everything before the fault has been given out.
 */
int um_source_read(struct um_source *source, uint8_t *out, size_t room, size_t *got,
                   const char **why);

/* True when reading ended because of the stop flag. */
bool um_source_was_stopped(const struct um_source *source);

#endif
