/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target is taken apart at its separators; what every installation has stays. */
#include "offline/scrub_target.h"

#include "offline/scrub_words.h"

void
um_scrub_target_authority(struct um_rewriting *rewriting, struct um_span authority)
{
    size_t at = um_span_find(authority, '@');
    if (at < authority.len) {
        um_rewriting_person(rewriting, "user", um_span_first(authority, at));
        um_rewriting_put(rewriting, um_span_text("@"));
        authority = um_span_from(authority, at + 1);
    }
    if (authority.len == 0 || um_rewriting_address(rewriting, authority))
        return;
    size_t colon = um_span_find(authority, ':');
    struct um_span port = um_span_from(authority, colon + 1);
    bool has_port = um_rewriting_is_decimal(port) && port.len <= 5;
    um_rewriting_host(rewriting, has_port ? um_span_first(authority, colon) : authority);
    if (has_port)
        um_rewriting_put(rewriting, um_span_from(authority, colon));
}

static void
put_part(struct um_rewriting *rewriting, struct um_span part)
{
    if (part.len == 0 ||
        (um_scrub_words_in_target(part) && !um_rewriting_is_private(rewriting, part)))
        um_rewriting_put(rewriting, part);
    else if (um_span_find(part, '@') < part.len)
        um_rewriting_person(rewriting, "mailbox", part);
    else
        um_rewriting_word(rewriting, "part", part);
}

void
um_scrub_target_parts(struct um_rewriting *rewriting, struct um_span text)
{
    size_t begin = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && !um_rewriting_is_any_of(text.data[i], "/?&=#;"))
            continue;
        put_part(rewriting, um_span_of(text.data + begin, i - begin));
        if (i < text.len)
            um_rewriting_put(rewriting, um_span_of(text.data + i, 1));
        begin = i + 1;
    }
}

void
um_scrub_target_put(struct um_rewriting *rewriting, struct um_span target)
{
    size_t scheme = um_span_search(target, um_span_text("://"));
    if (scheme < target.len) {
        struct um_span name = um_span_first(target, scheme);
        struct um_span rest = um_span_from(target, scheme + 3);
        size_t end = 0;
        while (end < rest.len && !um_rewriting_is_any_of(rest.data[end], "/?#"))
            end++;
        if (um_scrub_words_known(name))
            um_rewriting_put(rewriting, name);
        else
            um_rewriting_word(rewriting, "part", name);
        um_rewriting_put(rewriting, um_span_text("://"));
        um_scrub_target_authority(rewriting, um_span_first(rest, end));
        um_scrub_target_parts(rewriting, um_span_from(rest, end));
        return;
    }
    size_t colon = um_span_find(target, ':');
    if (um_span_find(target, '/') == target.len &&
        um_rewriting_is_decimal(um_span_from(target, colon + 1)))
        um_scrub_target_authority(rewriting, target); /* of CONNECT */
    else if (um_span_equal(target, um_span_text("*")))
        um_rewriting_put(rewriting, target);
    else
        um_scrub_target_parts(rewriting, target);
}
