/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which options go together. */
#ifndef UM_OFFLINE_OPTIONS_CHECK_H
#define UM_OFFLINE_OPTIONS_CHECK_H

#include "offline/options.h"

/* What does not go together is told on `errors` in one line. 0 or UM_ERR_USAGE. */
int um_options_check(const struct um_options *options, FILE *errors);

#endif
