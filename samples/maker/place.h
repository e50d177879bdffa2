/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in a dialogue something stands, and how the maker ends when it is wrong. */
#ifndef UM_MAKER_PLACE_H
#define UM_MAKER_PLACE_H

struct um_place {
    const char *file;
    unsigned line; /* 1-based; 0: the file as a whole */
};

/* Prints "FILE:LINE: text" to standard error and exits with 1: the first error ends the maker. */
_Noreturn void um_place_die(const struct um_place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
