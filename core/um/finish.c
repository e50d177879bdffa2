/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that a store holds: in its order, with its numbers, calls and findings. */
#include <stdlib.h>

#include "core/base/err.h"
#include "core/um/call.h"
#include "core/um/compact.h"
#include "core/um/findings_exchange.h"
#include "core/um/record.h"
#include "core/um/store.h"

static const size_t NONE = SIZE_MAX;

static int
compare_stored(const void *left, const void *right)
{
    const struct um_stored *const *a = left, *const *b = right;
    const struct um_exchange_record *record_a = &(*a)->record, *record_b = &(*b)->record;
    return um_record_compare(&record_a, &record_b);
}

static int
compare_calls(const void *left, const void *right)
{
    const struct um_call *a = left, *b = right;
    int order = (a->first.frame > b->first.frame) - (a->first.frame < b->first.frame);
    if (order != 0)
        return order;
    return (a->members[0].exchange > b->members[0].exchange) -
           (a->members[0].exchange < b->members[0].exchange);
}

/* Exchanges in order of their request; their numbers say so. */
static void
sort_exchanges(struct um_calls *calls)
{
    if (calls->count > 1)
        qsort(calls->items, calls->count, sizeof(struct um_stored *), compare_stored);
    for (size_t i = 0; i < calls->count; i++) {
        struct um_exchange_record *record = &calls->items[i]->record;
        record->number = i + 1;
        record->call = NONE;
        record->findings = (struct um_findings){.arena = &calls->results};
    }
}

/* Numbers the connections that have exchanges: the same ones get the same numbers wherever else
 * there were any. */
static int
number_connections(struct um_calls *calls)
{
    struct um_symbols seen = {0};
    int err = UM_OK;
    for (size_t i = 0; i < calls->count && !err; i++) {
        struct um_exchange_record *record = &calls->items[i]->record;
        size_t place = 0;
        err = um_symbols_add(&seen, um_span_of(&record->connection, sizeof record->connection),
                             &place, NULL);
        record->connection_order = place + 1;
    }
    um_symbols_done(&seen);
    return err;
}

static int
judge_calls(struct um_calls *calls)
{
    calls->calls = um_arena_array(&calls->results, calls->names.count, sizeof *calls->calls);
    if (!calls->calls)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < calls->names.count; i++) {
        if (calls->groups[i].count == 0)
            continue; /* merged into another */
        int err = um_store_judge(calls, &calls->groups[i], &calls->results,
                                 &calls->calls[calls->call_count]);
        if (err)
            return err;
        calls->call_count++;
    }
    if (calls->call_count > 1)
        qsort(calls->calls, calls->call_count, sizeof *calls->calls, compare_calls);
    return UM_OK;
}

static int
copy_finding(struct um_findings *list, const struct um_finding *finding)
{
    return um_findings_add(list, finding->name, finding->exchange, finding->frames,
                           finding->frame_count, finding->text);
}

/* Numbers the calls, and gives each exchange its call and the findings about it. */
static int
share_out(struct um_calls *calls)
{
    for (size_t i = 0; i < calls->call_count; i++) {
        struct um_call *call = &calls->calls[i];
        if (!calls->keeps_numbers)
            call->number = (uint32_t)i + 1;
        for (size_t k = 0; k < call->member_count; k++)
            calls->items[call->members[k].exchange]->record.call = i;
        for (size_t k = 0; k < call->findings.count; k++) {
            const struct um_finding *finding = &call->findings.items[k];
            if (finding->exchange == NONE)
                continue;
            int err = copy_finding(&calls->items[finding->exchange]->record.findings, finding);
            if (err)
                return err;
        }
    }
    return UM_OK;
}

static int
judge_rest(struct um_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        struct um_exchange_record *record = &calls->items[i]->record;
        if (record->call != NONE)
            continue;
        int err = um_findings_exchange_make(
            record, &calls->thresholds, um_findings_exchange_refusal(record), &record->findings);
        for (size_t k = 0; k < record->findings.count && !err; k++)
            err = copy_finding(&calls->findings, &record->findings.items[k]);
        if (err)
            return err;
    }
    return UM_OK;
}

static int
tell_refused(struct um_calls *calls)
{
    if (calls->refused == 0)
        return UM_OK;
    return um_findings_add(
        &calls->findings, UM_FINDING_LIMIT_REACHED, NONE, &calls->first_refused_frame, 1,
        um_arena_printf(&calls->results,
                        "%llu exchanges belong to calls past the limit calls and are left out.",
                        (unsigned long long)calls->refused));
}

static int
judge_all(struct um_calls *calls)
{
    sort_exchanges(calls);
    int err = number_connections(calls);
    if (!err && calls->names.count > 0)
        err = judge_calls(calls);
    if (!err)
        err = share_out(calls);
    return err ? err : judge_rest(calls);
}

int
um_calls_finish(struct um_calls *calls)
{
    um_arena_reset(&calls->results);
    calls->findings = (struct um_findings){.arena = &calls->results};
    calls->calls = NULL;
    calls->call_count = 0;
    int err = calls->compact ? um_compact_finish(calls) : judge_all(calls);
    return err ? err : tell_refused(calls);
}
