/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rules a text is rewritten by. */
#include "offline/scrub.h"

#include "core/base/err.h"
#include "offline/rewriting.h"
#include "offline/scrub_sentence.h"
#include "offline/scrub_target.h"
#include "offline/scrub_words.h"

void
um_scrub_done(struct um_scrub *scrub)
{
    um_symbols_done(&scrub->private_words);
    um_arena_done(&scrub->texts);
}

int
um_scrub_text(struct um_scrub *scrub, struct um_span text, struct um_span *out)
{
    struct um_rewriting rewriting = {.scrub = scrub};
    um_scrub_sentence_put(&rewriting, text);
    return um_rewriting_finish(&rewriting, out);
}

int
um_scrub_target(struct um_scrub *scrub, struct um_span target, struct um_span *out)
{
    struct um_rewriting rewriting = {.scrub = scrub};
    um_scrub_target_put(&rewriting, target);
    return um_rewriting_finish(&rewriting, out);
}

int
um_scrub_host(struct um_scrub *scrub, struct um_span host, struct um_span *out)
{
    struct um_rewriting rewriting = {.scrub = scrub};
    um_scrub_target_authority(&rewriting, host);
    return um_rewriting_finish(&rewriting, out);
}

int
um_scrub_number(struct um_scrub *scrub, struct um_span number, struct um_span *out)
{
    struct um_rewriting rewriting = {.scrub = scrub};
    um_rewriting_learn(&rewriting, number);
    um_rewriting_word(&rewriting, "number", number);
    return um_rewriting_finish(&rewriting, out);
}

int
um_scrub_call_id(struct um_scrub *scrub, struct um_span id, struct um_span *out)
{
    struct um_rewriting rewriting = {.scrub = scrub};
    if (!um_rewriting_call_id(&rewriting, id)) {
        um_rewriting_learn(&rewriting, id);
        um_rewriting_word(&rewriting, "id", id);
    }
    return um_rewriting_finish(&rewriting, out);
}

int
um_scrub_name(struct um_scrub *scrub, struct um_span name, struct um_span *out)
{
    struct um_rewriting rewriting = {.scrub = scrub};
    if (um_scrub_words_identifier(name) && !um_rewriting_is_private(&rewriting, name))
        um_rewriting_put(&rewriting, name);
    else
        um_scrub_sentence_put(&rewriting, name);
    return um_rewriting_finish(&rewriting, out);
}
