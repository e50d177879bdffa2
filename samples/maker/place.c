/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/place.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
um_place_die(const struct um_place *place, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "%s:", place->file);
    if (place->line > 0)
        fprintf(stderr, "%u:", place->line);
    fputc(' ', stderr);
    va_start(args, format);
    /* Given several files, clang-tidy 14 takes the list for uninitialized. */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}
