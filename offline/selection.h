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

/*
 * The same for a call that is told by itself: several may fit one id, since it is not known what
 * calls will come. An exchange is taken for all there is of its call.
 */
bool um_selection_has_call(const struct um_options *options, const struct um_call *call);
bool um_selection_has_exchange(const struct um_options *options,
                               const struct um_exchange_record *record);

#endif
