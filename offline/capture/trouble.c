/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first trouble is the cause of those that follow it, so that one stays. */
#include "offline/capture/trouble.h"

#include <stdarg.h>
#include <stdio.h>

void
um_trouble_say(struct um_trouble *trouble, bool is_truncated, const char *format, ...)
{
    if (trouble->text[0])
        return;
    trouble->is_truncated = is_truncated;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(trouble->text, sizeof trouble->text, format, args); /* NOLINT */
    va_end(args);
}
