/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/place.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
um_place_die(const struct um_place *place, const char *format, ...)
{
    va_list args;
    if (place->line > 0)
        fprintf(stderr, "%s:%u: ", place->file, place->line);
    else
        fprintf(stderr, "%s: ", place->file);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}
