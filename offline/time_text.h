/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times and durations as people write them on a command line. */
#ifndef UM_OFFLINE_TIME_TEXT_H
#define UM_OFFLINE_TIME_TEXT_H

#include "core/base/span.h"

/*
 * Reads a UTC time: "2026-11-23T18:33:21.5Z" or a part of it from the left, down to "2026-11-23"
 * (a space may stand for the T, the Z may be left out), or seconds since 1970 with an optional
 * fraction. Digits beyond nanoseconds are dropped. False when it is neither, no such day exists, or
 * it does not fit; `out_ns` is then untouched.
 */
bool um_time_text_parse(struct um_span text, int64_t *out_ns);

/* Reads a number of seconds, at least 0, with an optional fraction; as above. */
bool um_time_text_seconds(struct um_span text, int64_t *out_ns);

#endif
