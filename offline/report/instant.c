/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole numbers all the way, so that a bound is never rounded past itself. */
#include "offline/report/instant.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const int64_t SECOND_NS = 1000000000;

/* The greatest multiple of `unit` not above `value`, in units. */
static int64_t
floor_divide(int64_t value, int64_t unit)
{
    return value / unit - (value % unit < 0 ? 1 : 0);
}

static struct tm
calendar(int64_t time_ns, enum um_zone zone, int64_t *fraction_ns)
{
    struct tm tm = {0};
    time_t seconds = (time_t)floor_divide(time_ns, SECOND_NS);
    *fraction_ns = time_ns % SECOND_NS + (time_ns % SECOND_NS < 0 ? SECOND_NS : 0);
    /* neither can fail: 64-bit nanoseconds span the years 1677 to 2262 */
    if (zone == UM_ZONE_LOCAL)
        (void)localtime_r(&seconds, &tm);
    else
        (void)gmtime_r(&seconds, &tm);
    return tm;
}

/* Writes the last `digits` digits of a number, and what follows it. Gives where it ends. */
static char *
put_number(char *at, uint64_t number, int digits, char behind)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    at[digits] = behind;
    return at + digits + 1;
}

/* A number with the digits it takes, and what follows it. Gives where it ends. */
static char *
put_whole(char *at, uint64_t number, char behind)
{
    int digits = 1;
    for (uint64_t rest = number; rest >= 10; rest /= 10)
        digits++;
    return put_number(at, number, digits, behind);
}

/* A report holds thousands of them: strftime and printf would be a sixth of its cost. */
const char *
um_instant_iso(int64_t time_ns, char out[UM_INSTANT_TEXT_MAX])
{
    int64_t fraction_ns;
    struct tm tm = calendar(time_ns, UM_ZONE_UTC, &fraction_ns);
    char *at = put_number(out, (unsigned)tm.tm_year + 1900U, 4, '-');
    at = put_number(at, (unsigned)tm.tm_mon + 1U, 2, '-');
    at = put_number(at, (unsigned)tm.tm_mday, 2, 'T');
    at = put_number(at, (unsigned)tm.tm_hour, 2, ':');
    at = put_number(at, (unsigned)tm.tm_min, 2, ':');
    at = put_number(at, (unsigned)tm.tm_sec, 2, '.');
    at = put_number(at, (uint64_t)fraction_ns, 9, 'Z');
    *at = '\0';
    return out;
}

static const char *
to_milliseconds(int64_t time_ns, enum um_zone zone, const char *format,
                char out[UM_INSTANT_TEXT_MAX])
{
    int64_t fraction_ns;
    struct tm tm = calendar(time_ns, zone, &fraction_ns);
    char seconds[UM_INSTANT_TEXT_MAX / 2];
    (void)strftime(seconds, sizeof seconds, format, &tm);
    (void)snprintf(out, UM_INSTANT_TEXT_MAX, "%s.%03" PRId64, seconds, fraction_ns / 1000000);
    return out;
}

const char *
um_instant_date(int64_t time_ns, enum um_zone zone, char out[UM_INSTANT_TEXT_MAX])
{
    return to_milliseconds(time_ns, zone, "%Y-%m-%d %H:%M:%S", out);
}

const char *
um_instant_clock(int64_t time_ns, enum um_zone zone, char out[UM_INSTANT_TEXT_MAX])
{
    return to_milliseconds(time_ns, zone, "%H:%M:%S", out);
}

const char *
um_instant_zone(int64_t time_ns, enum um_zone zone, char out[UM_INSTANT_TEXT_MAX])
{
    int64_t fraction_ns;
    struct tm tm = calendar(time_ns, zone, &fraction_ns);
    long ahead = zone == UM_ZONE_LOCAL ? tm.tm_gmtoff : 0; /* seconds */
    long minutes = labs(ahead) / 60;
    if (zone == UM_ZONE_UTC)
        (void)snprintf(out, UM_INSTANT_TEXT_MAX, "UTC");
    else
        (void)snprintf(out, UM_INSTANT_TEXT_MAX, "UTC%c%02ld:%02ld", ahead < 0 ? '-' : '+',
                       minutes / 60, minutes % 60);
    return out;
}

unsigned
um_instant_decimals(int64_t extent_ns)
{
    unsigned decimals = 3;
    for (int64_t limit_ns = 100 * SECOND_NS; decimals > 0 && extent_ns >= limit_ns; limit_ns *= 10)
        decimals--;
    return decimals;
}

const char *
um_instant_seconds(int64_t ns, unsigned decimals, enum um_rounding rounding,
                   char out[UM_INSTANT_TEXT_MAX])
{
    int64_t unit = SECOND_NS, per_second = 1;
    for (unsigned i = 0; i < decimals; i++) {
        unit /= 10;
        per_second *= 10;
    }
    int64_t units = floor_divide(ns, unit);
    if (rounding == UM_ROUND_UP && ns % unit != 0)
        units++;
    uint64_t size = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
    char *at = out;
    if (units < 0)
        *at++ = '-';
    at = put_whole(at, size / (uint64_t)per_second, decimals > 0 ? '.' : '\0');
    if (decimals > 0)
        (void)put_number(at, size % (uint64_t)per_second, (int)decimals, '\0');
    return out;
}

const char *
um_instant_range(int64_t min_ns, bool has_max, int64_t max_ns, char out[2 * UM_INSTANT_TEXT_MAX])
{
    char least[UM_INSTANT_TEXT_MAX], most[UM_INSTANT_TEXT_MAX];
    const size_t size = 2 * (size_t)UM_INSTANT_TEXT_MAX;
    unsigned decimals = um_instant_decimals(has_max ? max_ns : min_ns);
    um_instant_seconds(min_ns, decimals, UM_ROUND_DOWN, least);
    um_instant_seconds(max_ns, decimals, UM_ROUND_UP, most);
    if (has_max && min_ns > 0)
        (void)snprintf(out, size, "%.40s to %.40s s", least, most);
    else if (has_max)
        (void)snprintf(out, size, "at most %s s", most);
    else if (min_ns > 0)
        (void)snprintf(out, size, "at least %s s", least);
    else
        (void)snprintf(out, size, "an unknown time");
    return out;
}
