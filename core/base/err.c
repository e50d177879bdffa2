/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for enum um_err. */
#include "core/base/err.h"

const char *
um_err_text(int err)
{
    switch (err) {
    case UM_OK:
        return "no error";
    case UM_ERR_NOMEM:
        return "out of memory";
    case UM_ERR_IO:
        return "input or output failed";
    case UM_ERR_FORMAT:
        return "unexpected file format";
    case UM_ERR_USAGE:
        return "wrong usage";
    default:
        return "unknown error";
    }
}
