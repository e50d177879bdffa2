/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture timestamps and durations as text. */
#ifndef UM_REPORT_INSTANT_H
#define UM_REPORT_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

enum { UM_INSTANT_TEXT_MAX = 48 }; /* enough for any of these and its NUL */

/* "2026-11-23T18:33:21.123456789Z". Returns `out`, as the others do. */
const char *um_instant_iso(int64_t time_ns, char out[UM_INSTANT_TEXT_MAX]);

/* Whose clock a time is told by. */
enum um_zone {
    UM_ZONE_UTC,
    UM_ZONE_LOCAL, /* of this machine, or as the environment variable TZ says */
};

/* "2026-11-23 18:33:21.123": later digits are dropped. */
const char *um_instant_date(int64_t time_ns, enum um_zone zone, char out[UM_INSTANT_TEXT_MAX]);

/* "18:33:21.123" */
const char *um_instant_clock(int64_t time_ns, enum um_zone zone, char out[UM_INSTANT_TEXT_MAX]);

/* What stands behind such a time: "UTC", or how far local time is ahead then, "UTC+05:30". */
const char *um_instant_zone(int64_t time_ns, enum um_zone zone, char out[UM_INSTANT_TEXT_MAX]);

/* How a number that does not fit is rounded: a lower bound down, an upper bound up. */
enum um_rounding {
    UM_ROUND_DOWN,
    UM_ROUND_UP,
};

/* Decimals that are worth writing of seconds within an extent: 3 below 100 s, 0 from 10000 s. */
unsigned um_instant_decimals(int64_t extent_ns);

/* Seconds with `decimals` (at most 9) decimals: "2.320". */
const char *um_instant_seconds(int64_t ns, unsigned decimals, enum um_rounding rounding,
                               char out[UM_INSTANT_TEXT_MAX]);

/* "0.240 to 2.120 s"; "at least 0.240 s", "at most 2.120 s" and "an unknown time" where a bound is
 * missing or says nothing. */
const char *um_instant_range(int64_t min_ns, bool has_max, int64_t max_ns,
                             char out[2 * UM_INSTANT_TEXT_MAX]);

#endif
