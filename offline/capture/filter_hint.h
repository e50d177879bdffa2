/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wireshark's display filters are often given where a capture filter is wanted: says which one. */
#ifndef UM_CAPTURE_FILTER_HINT_H
#define UM_CAPTURE_FILTER_HINT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True when `expression` names a field of a display filter. `out` then is the capture filter that
 * says the same as far as can be told, e.g. "tcp port 80" for "tcp.port == 80"; "" when there is
 * none, as for fields of HTTP. At most `size` bytes with its NUL; what does not fit gives "".
 */
bool um_filter_hint(const char *expression, char *out, size_t size);

#endif
