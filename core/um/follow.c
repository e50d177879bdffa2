/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store lets go by being made anew out of what stays: texts, names and exchanges lie in memory
 * that is freed all at once. That costs as much as there is to stay, so it is worth it now and
 * then.
 */
#include "core/um/follow.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/um/judge.h"
#include "core/um/record.h"
#include "core/um/store.h"

static const size_t NONE = SIZE_MAX;

void
um_follow_begin(struct um_calls *calls)
{
    assert(calls->count == 0);
    calls->keeps_numbers = true;
}

uint64_t
um_follow_released(const struct um_calls *calls)
{
    return calls->released;
}

/* Does the observation change where its group stands? 1 and `out`; 0; UM_ERR_NOMEM. */
static int
note(struct um_calls *calls, struct um_group *group, const struct um_observation *observation,
     struct um_change *out)
{
    if (!group->standing)
        group->standing = um_arena_alloc(&calls->memory, sizeof *group->standing);
    if (!group->standing)
        return UM_ERR_NOMEM;
    return um_standing_note(group->standing, observation, out) ? 1 : 0;
}

int
um_follow_note(struct um_calls *calls, size_t index, struct um_news *out)
{
    assert(index < calls->count);
    const struct um_stored *stored = calls->items[index];
    if (stored->group == NONE)
        return 0;
    const struct um_exchange_record *record = &stored->record;
    struct um_group *group = &calls->groups[stored->group];
    struct um_news news = {.number = group->number, .record = record};
    struct um_observation observation;
    news.is_refusal = um_operation_starts_call(record->operation) &&
                      (um_record_is_refused(record) || record->authentication_failed);
    int result = news.is_refusal ? 1 : 0;
    if (!news.is_refusal && um_judge_observe(record, &observation))
        result = note(calls, group, &observation, &news.change);
    if (result > 0)
        *out = news;
    return result;
}

/* ---- who goes ---- */

/* By that CallId; its texts live in `scratch`. */
static int
hold_named(struct um_calls *calls, struct um_span call_id, struct um_arena *scratch)
{
    struct um_exchange_record record = {0};
    struct um_span name;
    size_t index;
    int err = um_call_id_parse(call_id, scratch, &record.id);
    if (err || record.id.key.len == 0)
        return err;
    err = um_store_name(calls, &record, scratch, &name);
    if (err || !um_symbols_has(&calls->names, name))
        return err;
    err = um_store_find_group(calls, name, &index);
    if (!err)
        calls->groups[index].is_held = true;
    return err;
}

int
um_follow_hold(struct um_calls *calls, struct um_span call_id)
{
    struct um_arena scratch = {0};
    int err = hold_named(calls, call_id, &scratch);
    um_arena_done(&scratch);
    return err;
}

static bool
is_over(const struct um_call *call)
{
    const struct um_timeline *timeline = &call->timeline;
    if (call->outcome == UM_OUTCOME_REJECTED)
        return true;
    return timeline->span_count > 0 &&
           timeline->spans[timeline->span_count - 1].state == UM_STATE_DISCONNECTED;
}

/* Nobody holds it, and it is quiet; judged again only if there is more of it than the last time. */
static bool
may_go(const struct um_group *group, const struct um_release_rule *rule)
{
    if (group->count == 0 || group->is_held || group->last_ns >= rule->over_before_ns)
        return false;
    return group->known_count != group->count || group->last_ns < rule->silent_before_ns;
}

static int
release_group(const struct um_calls *calls, struct um_group *group,
              const struct um_release_rule *rule, um_release_fn tell, void *ctx)
{
    struct um_arena arena = {0};
    struct um_call call;
    int err = um_store_judge(calls, group, &arena, &call);
    group->known_count = group->count;
    if (!err && (is_over(&call) || group->last_ns < rule->silent_before_ns)) {
        group->is_released = true;
        err = tell(ctx, calls, &call);
    }
    um_arena_done(&arena);
    return err;
}

static bool
goes(const struct um_calls *calls, const struct um_stored *stored,
     const struct um_release_rule *rule)
{
    if (stored->group != NONE)
        return calls->groups[stored->group].is_released;
    return um_store_last_ns(&stored->record) < rule->over_before_ns;
}

/* ---- what stays ---- */

static int
keep_text(struct um_symbols *texts, struct um_span *text)
{
    return text->data ? um_symbols_add(texts, *text, NULL, text) : UM_OK;
}

/* Every text of the record, in the new store's memory. */
static int
keep_texts(struct um_symbols *texts, struct um_exchange_record *record)
{
    struct um_span *const spans[] = {
        &record->call_id,      &record->id.key,      &record->id.server,
        &record->state,        &record->cause,       &record->dial_string,
        &record->target,       &record->soap_action, &record->tls.server_name,
        &record->http_version, &record->sip_code,    &record->sip_text,
        &record->fault_code,   &record->fault_text,  &record->fault_exception,
    };
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        int err = keep_text(texts, spans[i]);
        if (err)
            return err;
    }
    return UM_OK;
}

/* A name of the group; one of nobody else when none of its exchanges has a CallId. */
static int
name_again(struct um_calls *fresh, const struct um_group *group, struct um_arena *scratch,
           struct um_span *out)
{
    const struct um_stored *named = group->first;
    while (named && named->record.id.key.len == 0)
        named = named->next_of_group;
    return um_store_name(fresh, named ? &named->record : &group->first->record, scratch, out);
}

static int
move_standing(struct um_calls *fresh, const struct um_standing *standing, struct um_group *group)
{
    struct um_standing *moved = um_arena_alloc(&fresh->memory, sizeof *moved);
    if (!moved)
        return UM_ERR_NOMEM;
    *moved = *standing;
    int err = keep_text(&fresh->texts, &moved->last.state_text);
    if (!err)
        err = keep_text(&fresh->texts, &moved->last.cause_text);
    if (!err)
        err = keep_text(&fresh->texts, &moved->before_text);
    group->standing = moved;
    return err;
}

/* Makes the group's likeness, without members. */
static int
move_group(struct um_calls *fresh, const struct um_group *group, size_t *index)
{
    struct um_arena scratch = {0};
    struct um_span name;
    int err = name_again(fresh, group, &scratch, &name);
    if (!err)
        err = um_store_find_group(fresh, name, index);
    um_arena_done(&scratch);
    if (err)
        return err;
    fresh->groups[*index].number = group->number;
    fresh->groups[*index].known_count = group->known_count;
    return group->standing ? move_standing(fresh, group->standing, &fresh->groups[*index]) : UM_OK;
}

static int
move_groups(const struct um_calls *calls, struct um_calls *fresh, size_t *places)
{
    for (size_t i = 0; i < calls->names.count; i++) {
        const struct um_group *group = &calls->groups[i];
        places[i] = NONE;
        int err =
            group->count == 0 || group->is_released ? UM_OK : move_group(fresh, group, &places[i]);
        if (err)
            return err;
    }
    return UM_OK;
}

static int
move_exchange(struct um_calls *fresh, struct um_stored *stored, const size_t *places)
{
    struct um_exchange_record record = stored->record;
    int err = keep_texts(&fresh->texts, &record);
    if (!err)
        err = um_store_keep(fresh, &record, &stored->moved);
    if (err)
        return err;
    fresh->items[fresh->count++] = stored->moved;
    stored->moved->is_named = stored->is_named;
    if (stored->group != NONE)
        um_store_join(fresh, stored->moved, places[stored->group]);
    return UM_OK;
}

/* The ring, oldest first. */
static void
move_origins(const struct um_calls *calls, struct um_calls *fresh)
{
    size_t kept = um_store_kept_origins(calls);
    for (size_t i = calls->origin_count - kept; i < calls->origin_count; i++) {
        struct um_stored *moved = calls->origins[i % UM_STORE_ORIGINS]->moved;
        if (moved)
            fresh->origins[fresh->origin_count++] = moved;
    }
}

static int
move_all(const struct um_calls *calls, const struct um_release_rule *rule, struct um_calls *fresh)
{
    size_t *places = calloc(calls->names.count + 1, sizeof *places);
    int err = places ? move_groups(calls, fresh, places) : UM_ERR_NOMEM;
    for (size_t i = 0; i < calls->count && !err; i++) {
        calls->items[i]->moved = NULL;
        if (!goes(calls, calls->items[i], rule))
            err = move_exchange(fresh, calls->items[i], places);
    }
    free(places);
    return err;
}

/* What is not made of exchanges. */
static struct um_calls
begin_anew(const struct um_calls *calls)
{
    return (struct um_calls){
        .limits = calls->limits,
        .thresholds = calls->thresholds,
        .last_nameless = calls->last_nameless,
        .refused = calls->refused,
        .first_refused_frame = calls->first_refused_frame,
        .keeps_numbers = calls->keeps_numbers,
        .released = calls->released,
    };
}

static int
leave_out(struct um_calls *calls, const struct um_release_rule *rule, uint64_t released)
{
    struct um_calls fresh = begin_anew(calls);
    int err = move_all(calls, rule, &fresh);
    if (err) {
        um_store_clear(&fresh);
        return err;
    }
    move_origins(calls, &fresh);
    fresh.last_number = calls->last_number;
    fresh.released += released;
    um_store_clear(calls);
    *calls = fresh;
    calls->findings.arena = &calls->results;
    return UM_OK;
}

int
um_follow_release(struct um_calls *calls, const struct um_release_rule *rule, um_release_fn tell,
                  void *ctx)
{
    uint64_t released = 0;
    for (size_t i = 0; i < calls->names.count; i++) {
        struct um_group *group = &calls->groups[i];
        int err = may_go(group, rule) ? release_group(calls, group, rule, tell, ctx) : UM_OK;
        group->is_held = false;
        if (err)
            return err;
        released += group->is_released ? 1 : 0;
    }
    bool any = released > 0;
    for (size_t i = 0; i < calls->count && !any; i++)
        any = goes(calls, calls->items[i], rule);
    return any ? leave_out(calls, rule, released) : UM_OK;
}
