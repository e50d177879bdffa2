/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which calls are shown: --call, --since, --until. */
#ifndef UM_OFFLINE_SELECTION_H
#define UM_OFFLINE_SELECTION_H

#include <stdio.h>

#include "core/um/call.h"
#include "offline/options.h"

/*
 * Makes the list for struct um_report: by index of the call, true when it is shown; NULL when all
 * are. A --call that fits no call, or several, is told on `errors`; an ambiguous one is
 * UM_ERR_USAGE. The caller frees `shown` with free(). 0, UM_ERR_NOMEM, UM_ERR_USAGE.
 */
int um_selection_make(const struct um_calls *calls, const struct um_options *options, FILE *errors,
                      bool **shown);

#endif
