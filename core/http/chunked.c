/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One byte decides where the next one belongs, except in data, which is handed on as it lies, and
 * in the digits of a size. */
#include "core/http/chunked.h"

/* One more than the value of a hexadecimal digit; 0 for what is none. */
static const uint8_t digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The line with the size has ended: data follows, or after a size of 0 the trailer section. */
static enum um_step
end_size(struct um_chunked *chunked)
{
    chunked->place = chunked->left > 0 ? UM_CHUNKED_DATA : UM_CHUNKED_TRAILER_FIRST;
    return UM_MORE;
}

/* The digits of a size that are there. UM_BAD: it is larger than anything can be. */
static enum um_step
read_digits(struct um_chunked *chunked, struct um_span *input)
{
    uint64_t size = chunked->left;
    size_t at = 0;
    for (; at < input->len && digits[input->data[at]] && size <= UINT64_MAX >> 4; at++)
        size = size << 4 | (digits[input->data[at]] - 1U);
    if (at > 0)
        chunked->place = UM_CHUNKED_SIZE;
    chunked->left = size;
    *input = um_span_from(*input, at);
    return input->len > 0 && digits[input->data[0]] ? UM_BAD : UM_MORE;
}

/* What stands behind the digits of a size, or before them. */
static enum um_step
end_digits(struct um_chunked *chunked, uint8_t c)
{
    if (chunked->place == UM_CHUNKED_SIZE_FIRST)
        return c == ' ' || c == '\t' ? UM_MORE : UM_BAD;
    if (c == '\n')
        return end_size(chunked);
    chunked->place = UM_CHUNKED_EXTENSION;
    return c == ';' || c == '\r' || c == ' ' || c == '\t' ? UM_MORE : UM_BAD;
}

static enum um_step
read_byte(struct um_chunked *chunked, uint8_t c)
{
    switch (chunked->place) {
    case UM_CHUNKED_SIZE_FIRST:
    case UM_CHUNKED_SIZE:
        return end_digits(chunked, c);
    case UM_CHUNKED_EXTENSION:
        return c == '\n' ? end_size(chunked) : UM_MORE;
    case UM_CHUNKED_DATA_END:
        if (c == '\n')
            chunked->place = UM_CHUNKED_SIZE_FIRST;
        return c == '\n' || c == '\r' ? UM_MORE : UM_BAD;
    case UM_CHUNKED_TRAILER_FIRST:
        if (c == '\n')
            chunked->place = UM_CHUNKED_OVER;
        else if (c != '\r')
            chunked->place = UM_CHUNKED_TRAILER;
        return c == '\n' ? UM_DONE : UM_MORE;
    case UM_CHUNKED_TRAILER:
        if (c == '\n')
            chunked->place = UM_CHUNKED_TRAILER_FIRST;
        return UM_MORE;
    default:
        return UM_DONE;
    }
}

static struct um_span
take_data(struct um_chunked *chunked, struct um_span *input)
{
    size_t len = chunked->left < input->len ? (size_t)chunked->left : input->len;
    struct um_span data = um_span_first(*input, len);
    *input = um_span_from(*input, len);
    chunked->left -= len;
    if (chunked->left == 0)
        chunked->place = UM_CHUNKED_DATA_END;
    return data;
}

static bool
is_in_size(const struct um_chunked *chunked)
{
    return chunked->place == UM_CHUNKED_SIZE_FIRST || chunked->place == UM_CHUNKED_SIZE;
}

enum um_step
um_chunked_next(struct um_chunked *chunked, struct um_span *input, struct um_span *data)
{
    *data = um_span_of(NULL, 0);
    while (chunked->place != UM_CHUNKED_OVER && input->len > 0) {
        if (chunked->place == UM_CHUNKED_DATA) {
            *data = take_data(chunked, input);
            return UM_MORE;
        }
        if (is_in_size(chunked) && read_digits(chunked, input) == UM_BAD)
            return UM_BAD;
        if (input->len > 0 && read_byte(chunked, input->data[0]) == UM_BAD)
            return UM_BAD;
        *input = um_span_from(*input, 1);
    }
    return chunked->place == UM_CHUNKED_OVER ? UM_DONE : UM_MORE;
}

bool
um_chunked_gap(struct um_chunked *chunked, uint64_t missing)
{
    if (chunked->place != UM_CHUNKED_DATA || missing > chunked->left)
        return false;
    chunked->left -= missing;
    if (chunked->left == 0)
        chunked->place = UM_CHUNKED_DATA_END;
    return true;
}

bool
um_chunked_has_all_data(const struct um_chunked *chunked)
{
    return chunked->place >= UM_CHUNKED_TRAILER_FIRST;
}
