/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of ceilings and the memory meter. */
#include "core/base/limits.h"

#include <assert.h>

#include "core/base/err.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

static const struct {
    const char *name;
    uint64_t standard;
} table[UM_LIMIT_COUNT] = {
    [UM_LIMIT_FLOWS] = {"flows", 65536},
    [UM_LIMIT_PENDING] = {"pending", KIB(256)},
    [UM_LIMIT_PENDING_TOTAL] = {"pending-total", MIB(24)},
    [UM_LIMIT_FRAGMENTS] = {"fragments", MIB(4)},
    [UM_LIMIT_HEAD] = {"head", KIB(64)},
    [UM_LIMIT_BODY] = {"body", MIB(1)},
    [UM_LIMIT_REQUESTS] = {"requests", 64},
    [UM_LIMIT_MEMORY] = {"memory", MIB(64)},
    [UM_LIMIT_INFLATE] = {"inflate", MIB(8)},
    [UM_LIMIT_INFLATE_RATIO] = {"inflate-ratio", 1000},
    [UM_LIMIT_XML_DEPTH] = {"xml-depth", 64},
    [UM_LIMIT_XML_TEXT] = {"xml-text", KIB(64)},
    [UM_LIMIT_H2_STREAMS] = {"h2-streams", 256},
    [UM_LIMIT_TUNNELS] = {"tunnels", 8},
    [UM_LIMIT_CALLS] = {"calls", 1000000},
    [UM_LIMIT_FINDINGS] = {"findings", 64},
};

void
um_limits_init(struct um_limits *limits)
{
    for (size_t i = 0; i < UM_LIMIT_COUNT; i++)
        limits->max[i] = table[i].standard;
}

const char *
um_limit_name(enum um_limit limit)
{
    assert(limit < UM_LIMIT_COUNT);
    return table[limit].name;
}

/* The number of bits that a unit letter stands for, or -1 when it is none. */
static int
unit_shift(uint8_t letter)
{
    switch (letter) {
    case 'k':
    case 'K':
        return 10;
    case 'm':
    case 'M':
        return 20;
    case 'g':
    case 'G':
        return 30;
    default:
        return -1;
    }
}

static bool
parse_amount(struct um_span text, uint64_t *out)
{
    int shift = text.len > 0 ? unit_shift(text.data[text.len - 1]) : -1;
    if (shift >= 0)
        text.len--;
    else
        shift = 0;
    uint64_t value = 0;
    if (!um_span_decimal(text, &value) || value == 0 || value > (UINT64_MAX >> shift))
        return false;
    *out = value << shift;
    return true;
}

int
um_limits_set(struct um_limits *limits, struct um_span assignment)
{
    struct um_span value = assignment;
    struct um_span name = um_span_split(&value, '=');
    for (size_t i = 0; i < UM_LIMIT_COUNT; i++) {
        if (um_span_equal(name, um_span_text(table[i].name)))
            return parse_amount(value, &limits->max[i]) ? UM_OK : UM_ERR_USAGE;
    }
    return UM_ERR_USAGE;
}

void
um_limit_hit(struct um_limit_hits *hits, uint64_t frame)
{
    if (hits->count++ == 0)
        hits->first_frame = frame;
}

bool
um_meter_take(struct um_meter *meter, uint64_t bytes)
{
    if (meter->used > meter->max || bytes > meter->max - meter->used)
        return false;
    meter->used += bytes;
    if (meter->used > meter->peak)
        meter->peak = meter->used;
    return true;
}

void
um_meter_give(struct um_meter *meter, uint64_t bytes)
{
    assert(bytes <= meter->used);
    meter->used -= bytes;
}
