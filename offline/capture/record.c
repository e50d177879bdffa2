/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for what can go wrong with a file. */
#include "offline/capture/record.h"

#include <stdarg.h>
#include <stdio.h>

int
um_trouble_set(struct um_trouble *trouble, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(trouble->text, sizeof trouble->text, format, arguments); /* NOLINT */
    va_end(arguments);
    trouble->truncated = false;
    return UM_ERR_FORMAT;
}

int
um_trouble_cut(const struct um_blocks *blocks, struct um_trouble *trouble)
{
    if (um_source_was_stopped(blocks->source))
        return 0;
    if (blocks->err)
        (void)um_trouble_set(trouble, "%s", blocks->why);
    else
        (void)um_trouble_set(trouble,
                             "the file ends inside a record, after byte %llu: everything before "
                             "that record was read",
                             (unsigned long long)blocks->offset);
    trouble->truncated = blocks->err != UM_ERR_IO;
    return UM_ERR_FORMAT;
}
