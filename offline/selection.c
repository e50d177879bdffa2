/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call fits an id that is its CallId (any spelling, white space left out), its GUID in any case,
 * or the beginning of either; a whole id wins over beginnings. It fits a time when any of its
 * packets may.
 */
#include "offline/selection.h"

#include <stdlib.h>

enum fit { FITS_NOT, FITS_BEGINNING, FITS_WHOLE };

enum { TOLD_MAX = 5 };

static enum fit
better(enum fit a, enum fit b)
{
    return a > b ? a : b;
}

static enum fit
fit_text(struct um_span id, struct um_span wanted)
{
    if (!um_span_starts(id, wanted))
        return FITS_NOT;
    return id.len == wanted.len ? FITS_WHOLE : FITS_BEGINNING;
}

static enum fit
fit_call(const struct um_call *call, struct um_span wanted)
{
    enum fit fit = FITS_NOT;
    struct um_span guid = um_span_text(call->id.guid);
    if (guid.len > 0 && um_span_starts_nocase(guid, wanted))
        fit = guid.len == wanted.len ? FITS_WHOLE : FITS_BEGINNING;
    for (size_t i = 0; i < call->spelling_count; i++)
        fit = better(fit, fit_text(call->spellings[i], wanted));
    return fit;
}

static void
tell_ambiguous(FILE *errors, const char *id, const struct um_calls *calls, enum fit best)
{
    size_t told = 0;
    (void)fprintf(errors, "umtrace: --call %s fits several calls:", id);
    for (size_t i = 0; i < um_calls_count(calls); i++) {
        if (fit_call(um_calls_at(calls, i), um_span_text(id)) != best)
            continue;
        if (told++ < TOLD_MAX)
            (void)fprintf(errors, " %u", um_calls_at(calls, i)->number);
    }
    (void)fprintf(errors, "%s\n", told > TOLD_MAX ? " ..." : "");
}

/* Marks the one call that fits the id. */
static int
select_id(const struct um_calls *calls, const char *id, FILE *errors, bool *shown)
{
    struct um_span wanted = um_span_text(id);
    enum fit best = FITS_NOT;
    size_t count = 0, found = 0;
    for (size_t i = 0; i < um_calls_count(calls); i++) {
        enum fit fit = fit_call(um_calls_at(calls, i), wanted);
        if (fit == FITS_NOT || fit < best)
            continue;
        count = fit > best ? 1 : count + 1;
        best = fit;
        found = i;
    }
    if (count > 1) {
        tell_ambiguous(errors, id, calls, best);
        return UM_ERR_USAGE;
    }
    if (count == 0)
        (void)fprintf(errors, "umtrace: --call %s: no call of the capture has this id\n", id);
    else
        shown[found] = true;
    return UM_OK;
}

static bool
is_in_time(const struct um_call *call, const struct um_options *options)
{
    return call->last.time_ns >= options->since_ns && call->first.time_ns <= options->until_ns;
}

bool
um_selection_has_call(const struct um_options *options, const struct um_call *call)
{
    enum fit best = options->call_count == 0 ? FITS_WHOLE : FITS_NOT;
    for (size_t i = 0; i < options->call_count; i++)
        best = better(best, fit_call(call, um_span_text(options->calls[i])));
    return best != FITS_NOT && is_in_time(call, options);
}

bool
um_selection_has_exchange(const struct um_options *options, const struct um_exchange_record *record)
{
    struct um_mark mark = record->has_reply ? record->reply_first : record->request_last;
    const struct um_call call = {.id = record->id,
                                 .spellings = &record->id.key,
                                 .spelling_count = 1,
                                 .first = mark,
                                 .last = mark};
    return um_selection_has_call(options, &call);
}

int
um_selection_make(const struct um_calls *calls, const struct um_options *options, FILE *errors,
                  bool **shown)
{
    bool has_time = options->since_ns != INT64_MIN || options->until_ns != INT64_MAX;
    size_t count = um_calls_count(calls);
    if (options->call_count == 0 && !has_time) {
        *shown = NULL;
        return UM_OK;
    }
    bool *list = calloc(count ? count : 1, sizeof *list);
    if (!list)
        return UM_ERR_NOMEM;
    int err = UM_OK;
    for (size_t i = 0; i < options->call_count && !err; i++)
        err = select_id(calls, options->calls[i], errors, list);
    for (size_t i = 0; i < count; i++) {
        bool wanted = options->call_count == 0 || list[i];
        list[i] = wanted && is_in_time(um_calls_at(calls, i), options);
    }
    if (err)
        free(list);
    else
        *shown = list;
    return err;
}
