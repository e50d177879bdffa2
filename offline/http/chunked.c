/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One byte decides where the next one belongs, except in data, which is handed on as it lies. */
#include "offline/http/chunked.h"

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The line with the size has ended: data follows, or after a size of 0 the trailer section. */
static enum um_step
end_size(struct um_chunked *chunked)
{
    chunked->place = chunked->left > 0 ? UM_CHUNKED_DATA : UM_CHUNKED_TRAILER_FIRST;
    return UM_MORE;
}

static enum um_step
read_size(struct um_chunked *chunked, uint8_t c)
{
    int value = hex_value(c);
    if (value >= 0) {
        if (chunked->left > UINT64_MAX >> 4)
            return UM_BAD;
        chunked->left = chunked->left << 4 | (uint64_t)value;
        chunked->place = UM_CHUNKED_SIZE;
        return UM_MORE;
    }
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
        return read_size(chunked, c);
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

enum um_step
um_chunked_next(struct um_chunked *chunked, struct um_span *input, struct um_span *data)
{
    *data = um_span_of(NULL, 0);
    while (chunked->place != UM_CHUNKED_OVER && input->len > 0) {
        if (chunked->place == UM_CHUNKED_DATA) {
            *data = take_data(chunked, input);
            return UM_MORE;
        }
        enum um_step step = read_byte(chunked, input->data[0]);
        if (step == UM_BAD)
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
