/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings about a call as a whole, and those about its exchanges that its history decides. */
#ifndef UM_UM_FINDINGS_CALL_H
#define UM_UM_FINDINGS_CALL_H

#include "core/um/judge.h"

/*
 * Fills call->findings from the judged call and its records; errors first, then by frame. Of one
 * name at most the limit `findings` are kept, and one `limit-reached` tells how many more there
 * were. 0 or UM_ERR_NOMEM.
 */
int um_findings_call_make(const struct um_judge *judge, struct um_call *call);

#endif
