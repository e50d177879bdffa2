/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for what an exchange can be. */
#include "core/um/exchange.h"

#include <assert.h>

const char *
um_unanswered_text(enum um_unanswered unanswered)
{
    static const char *const texts[UM_UNANSWERED_COUNT] = {
        [UM_UNANSWERED_NO] = "",           [UM_UNANSWERED_RESET] = "reset",
        [UM_UNANSWERED_CLOSED] = "closed", [UM_UNANSWERED_CAPTURE_END] = "capture-end",
        [UM_UNANSWERED_LOST] = "lost",     [UM_UNANSWERED_ONE_SIDED] = "one-sided",
    };
    assert(unanswered < UM_UNANSWERED_COUNT);
    return texts[unanswered];
}
