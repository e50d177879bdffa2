/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads times of the form of RFC 3339, and seconds; days are counted without the C library. */
#include "offline/time_text.h"

static const int64_t SECOND_NS = 1000000000;

/* ".5" to ns; an empty text is none. */
static bool
read_fraction(struct um_span text, int64_t *out_ns)
{
    int64_t ns = 0, unit = SECOND_NS / 10;
    if (text.len == 1 || (text.len > 0 && text.data[0] != '.'))
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        ns += (text.data[i] - '0') * unit;
        unit /= 10;
    }
    *out_ns = ns;
    return true;
}

bool
um_time_text_seconds(struct um_span text, int64_t *out_ns)
{
    size_t point = um_span_find(text, '.');
    uint64_t seconds;
    int64_t fraction_ns;
    if (!um_span_decimal(um_span_first(text, point), &seconds) ||
        !read_fraction(um_span_from(text, point), &fraction_ns) ||
        seconds >= (uint64_t)(INT64_MAX / SECOND_NS))
        return false;
    *out_ns = (int64_t)seconds * SECOND_NS + fraction_ns;
    return true;
}

/* Takes a number of exactly `digits` digits within [least, most] off the front. */
static bool
take_number(struct um_span *text, size_t digits, unsigned least, unsigned most, unsigned *out)
{
    uint64_t value;
    if (text->len < digits || !um_span_decimal(um_span_first(*text, digits), &value) ||
        value < least || value > most)
        return false;
    *out = (unsigned)value;
    *text = um_span_from(*text, digits);
    return true;
}

static bool
take_mark(struct um_span *text, const char *marks)
{
    if (text->len == 0 || text->data[0] == 0 || !strchr(marks, text->data[0]))
        return false;
    *text = um_span_from(*text, 1);
    return true;
}

static unsigned
days_in(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t
days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t days = (int64_t)day - 1;
    for (unsigned m = 1; m < month; m++)
        days += days_in(year, m);
    int64_t before = (int64_t)year - 1; /* leap days of the years before this one */
    int64_t leaps = before / 4 - before / 100 + before / 400;
    return ((int64_t)year - 1970) * 365 + (leaps - 477) + days;
}

/* "Thh:mm[:ss[.f]]", each part optional from the right. */
static bool
take_clock(struct um_span *text, int64_t *out_ns)
{
    unsigned hour = 0, minute = 0, second = 0;
    int64_t fraction_ns = 0;
    if (take_mark(text, "Tt ")) {
        if (!take_number(text, 2, 0, 23, &hour))
            return false;
        if (take_mark(text, ":") && !take_number(text, 2, 0, 59, &minute))
            return false;
        if (take_mark(text, ":") && !take_number(text, 2, 0, 59, &second))
            return false;
        size_t end = um_span_find(*text, 'Z');
        if (!read_fraction(um_span_first(*text, end), &fraction_ns))
            return false;
        *text = um_span_from(*text, end);
    }
    *out_ns = ((hour * 60L + minute) * 60L + second) * SECOND_NS + fraction_ns;
    return true;
}

/* "YYYY[-MM[-DD[Thh:mm[:ss[.f]]]]]" */
static bool
parse_calendar(struct um_span text, int64_t *out_ns)
{
    unsigned year, month = 1, day = 1;
    int64_t clock_ns = 0;
    if (!take_number(&text, 4, 1678, 2261, &year))
        return false;
    if (take_mark(&text, "-") && !take_number(&text, 2, 1, 12, &month))
        return false;
    if (take_mark(&text, "-") &&
        (!take_number(&text, 2, 1, days_in(year, month), &day) || !take_clock(&text, &clock_ns)))
        return false;
    (void)take_mark(&text, "Zz");
    if (text.len > 0)
        return false;
    *out_ns = days_since_1970(year, month, day) * 86400 * SECOND_NS + clock_ns;
    return true;
}

bool
um_time_text_parse(struct um_span text, int64_t *out_ns)
{
    /* four digits are a year: nobody means the first hours of 1970 */
    return (text.len != 4 && um_time_text_seconds(text, out_ns)) || parse_calendar(text, out_ns);
}
