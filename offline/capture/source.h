/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a file or of standard input, with gzip (RFC 1952, several members) and zstd (RFC
 * 8878, several frames) recognised by their first bytes and undone; zeros behind them are padding,
 * anything else there is told. Never seeks, so pipes do. Does not know what the bytes mean.
 */
#ifndef UM_CAPTURE_SOURCE_H
#define UM_CAPTURE_SOURCE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "offline/capture/trouble.h"

struct um_source;

/*
 * Opens `path`; "-" is standard input, which is never closed. When `stop` is not NULL and
 * becomes non-zero the source ends there, also inside a read that a signal interrupts. With
 * `follows`, the end of a regular file under a name is waited for while somebody writes it (see
 * growing.h). 0, UM_ERR_NOMEM, or UM_ERR_IO and `trouble`, which must live as long as the source,
 * tells why.
 */
int um_source_open(const char *path, const volatile sig_atomic_t *stop, bool follows,
                   struct um_trouble *trouble, struct um_source **out);
void um_source_free(struct um_source *source);

/*
 * Reads at most `len` (more than 0) bytes into `room`; `got` says how many, 0 only at the end.
 * UM_ERR_NOMEM, or UM_ERR_IO or UM_ERR_FORMAT and the trouble is said: what could be decoded
 * before the fault has then been given.
 */
int um_source_read(struct um_source *source, uint8_t *room, size_t len, size_t *got);

/* Bytes read so far, coded as they lie in the file. */
uint64_t um_source_taken(const struct um_source *source);

/* Where the bytes that are read are those of a regular file, from its beginning to its end as it
 * is: its descriptor, valid as long as the source; else -1. */
int um_source_plain_file(const struct um_source *source);

/* A regular file under a name: opened again it gives the same bytes. */
bool um_source_is_regular(const struct um_source *source);

#endif
