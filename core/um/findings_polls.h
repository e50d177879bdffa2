/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings about how a client polled: after the end, too rarely, too often. */
#ifndef UM_UM_FINDINGS_POLLS_H
#define UM_UM_FINDINGS_POLLS_H

#include "core/um/judge.h"

/* Adds to call->findings. 0 or UM_ERR_NOMEM. */
int um_findings_polls_make(const struct um_judge *judge, struct um_call *call);

#endif
