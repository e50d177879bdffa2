/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One struct seen for each message goes to the listeners; they only read. Rows of tables appear
 * with what they count.
 */
#include "plugin/statistics.h"

#include "plugin/parts.h"
#include "plugin/text.h"

/* A message as a listener sees it; lives as long as the packet. */
struct seen {
    enum um_operation operation;
    const char *title; /* "GetCallInfo reply" */
    bool is_reply, is_fault;
    bool has_latency;
    int64_t latency_ns;
    const char *state, *cause, *fault; /* "" when it tells none */
    uint32_t call;                     /* 0: of none */
    const char *call_id, *dial_string, *outcome, *why, *timeline, *client, *server;
    size_t polls;
    uint32_t first_frame, frame;
};

enum { BODIES_SEARCHED = 64, SPANS_TOLD_MAX = 32 };

static int umws_tap = -1;

/* ---- what is told ---- */

static const char *
endpoint_text(wmem_allocator_t *pool, const struct umws_end_point *end)
{
    struct um_endpoint endpoint = umws_carrier_endpoint(&end->address, end->port);
    char text[UM_ENDPOINT_TEXT_MAX];
    return wmem_strdup(pool, um_endpoint_text(&endpoint, text));
}

/* "Connecting 0.000 to 1.000 s, Connected at least 3.000 s" */
static const char *
timeline_text(wmem_allocator_t *pool, const struct um_timeline *timeline)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    size_t told = timeline->span_count < SPANS_TOLD_MAX ? timeline->span_count : SPANS_TOLD_MAX;
    for (size_t i = 0; i < told; i++) {
        const struct um_span_of_state *span = &timeline->spans[i];
        wmem_strbuf_append_printf(out, "%s%s%s", i > 0 ? ", " : "",
                                  umws_text_safe(pool, span->state_text),
                                  umws_text_span_lasted(pool, span));
    }
    if (told < timeline->span_count)
        wmem_strbuf_append_printf(out, ", and %zu more", timeline->span_count - told);
    return wmem_strbuf_finalize(out);
}

static const char *
dial_string_of(wmem_allocator_t *pool, const struct umws_call_view *view)
{
    if (!view->call || view->call->origin == SIZE_MAX)
        return "";
    return umws_text_safe(pool, um_calls_exchange(view->store, view->call->origin)->dial_string);
}

/* Why the call came to nothing, as far as this message tells; "" when it does not. */
static const char *
why_of(wmem_allocator_t *pool, const struct um_call *call, const struct umws_message *message)
{
    if (call && call->outcome == UM_OUTCOME_FAILED)
        return umws_text_safe(pool, call->cause_text);
    return umws_text_safe(pool, call && call->outcome == UM_OUTCOME_REJECTED
                                    ? um_message_fault_name(message->content)
                                    : um_span_of(NULL, 0));
}

static void
fill_call(wmem_allocator_t *pool, const struct umws_message *message,
          const struct umws_call_view *view, struct seen *seen)
{
    const struct um_call *call = view->call;
    seen->call = view->number;
    seen->first_frame = view->first_frame;
    seen->client = endpoint_text(pool, &message->exchange->client);
    seen->server = endpoint_text(pool, &message->exchange->server);
    seen->call_id = call ? umws_text_safe(pool, call->call_id) : "";
    seen->dial_string = dial_string_of(pool, view);
    seen->outcome = call ? um_outcome_text(call->outcome) : "";
    seen->why = why_of(pool, call, message);
    seen->timeline = call ? timeline_text(pool, &call->timeline) : "";
    seen->polls = call ? call->polls : 0;
}

bool
umws_statistics_wanted(void)
{
    return have_tap_listener(umws_tap);
}

void
umws_statistics_queue(packet_info *pinfo, const struct umws_message *message,
                      const struct umws_call_view *view)
{
    if (!umws_statistics_wanted())
        return;
    wmem_allocator_t *pool = pinfo->pool;
    const struct um_message *content = message->content;
    const struct umws_exchange *exchange = message->exchange;
    struct seen *seen = wmem_new0(pool, struct seen);
    seen->operation = exchange->operation;
    seen->title = umws_text_title(pool, message);
    seen->is_reply = message->is_reply;
    seen->is_fault = message->is_reply && um_message_fault_name(content).len > 0;
    seen->has_latency = message->is_reply && exchange->request_frame != 0;
    if (seen->has_latency)
        seen->latency_ns =
            um_mark_elapsed_ns(exchange->request_last.time_ns, message->first.time_ns);
    seen->state = umws_text_safe(pool, um_message_text(content, UM_FIELD_CALL_STATE));
    seen->cause = umws_text_safe(pool, um_message_text(content, UM_FIELD_EVENT_CAUSE));
    seen->fault = umws_text_safe(pool, um_message_fault_name(content));
    seen->frame = pinfo->num;
    fill_call(pool, message, view, seen);
    tap_queue_packet(umws_tap, pinfo, seen);
}

/* ---- tables ---- */

/* Replaces the text of a cell. */
static void
set_text(stat_tap_table *table, unsigned row, unsigned column, const char *text)
{
    stat_tap_table_item_type *cell = stat_tap_get_field_data(table, row, column);
    g_free((void *)(uintptr_t)cell->value.string_value);
    cell->type = TABLE_ITEM_STRING;
    cell->value.string_value = g_strdup(text);
    stat_tap_set_field_data(table, row, column, cell);
}

static void
set_number(stat_tap_table *table, unsigned row, unsigned column, uint64_t number)
{
    stat_tap_table_item_type *cell = stat_tap_get_field_data(table, row, column);
    cell->type = TABLE_ITEM_UINT;
    cell->value.uint_value = (unsigned)number;
    stat_tap_set_field_data(table, row, column, cell);
}

static void
set_seconds(stat_tap_table *table, unsigned row, unsigned column, double seconds)
{
    stat_tap_table_item_type *cell = stat_tap_get_field_data(table, row, column);
    cell->type = TABLE_ITEM_FLOAT;
    cell->value.float_value = seconds;
    stat_tap_set_field_data(table, row, column, cell);
}

static unsigned
number_at(const stat_tap_table *table, unsigned row, unsigned column)
{
    return stat_tap_get_field_data(table, row, column)->value.uint_value;
}

static void
free_cell(stat_tap_table *table _U_, guint row _U_, guint column _U_,
          stat_tap_table_item_type *cell)
{
    if (cell->type == TABLE_ITEM_STRING)
        g_free((void *)(uintptr_t)cell->value.string_value);
    cell->type = TABLE_ITEM_NONE;
    cell->value.string_value = NULL;
}

/* Back to a table without rows. */
static void
reset_table(stat_tap_table *table)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        for (unsigned column = 0; column < table->num_fields; column++)
            free_cell(table, row, column, &table->elements[row][column]);
        g_free(table->elements[row]);
    }
    g_free(table->elements);
    table->elements = NULL;
    table->num_elements = 0;
}

/* The row whose first column's scratch value is `key`; a new one of `fields` when there is none. */
static unsigned
find_row(stat_tap_table *table, unsigned key, unsigned field_count)
{
    for (unsigned row = table->num_elements; row > 0; row--) {
        if (table->elements[row - 1][0].user_data.uint_value == key)
            return row - 1;
    }
    stat_tap_table_item_type *fields = g_new0(stat_tap_table_item_type, field_count);
    unsigned row = table->num_elements;
    fields[0].user_data.uint_value = key;
    stat_tap_init_table_row(table, row, field_count, fields);
    g_free(fields);
    return row;
}

static stat_tap_table *
table_of(void *tap_data)
{
    stat_data_t *data = tap_data;
    return g_array_index(data->stat_tap_data->tables, stat_tap_table *, 0);
}

static void
init_table(stat_tap_table_ui *ui)
{
    stat_tap_table *table = stat_tap_find_table(ui, ui->title);
    if (table) {
        reset_table(table);
        return;
    }
    stat_tap_add_table(ui, stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL));
}

/* ---- -z umws,calls ---- */

enum calls_column {
    CALLS_NUMBER,
    CALLS_OUTCOME,
    CALLS_WHY,
    CALLS_DIALLED,
    CALLS_CLIENT,
    CALLS_SERVER,
    CALLS_FIRST,
    CALLS_LAST,
    CALLS_POLLS,
    CALLS_TIMELINE,
    CALLS_ID,
    CALLS_COLUMNS
};

static stat_tap_table_item calls_fields[CALLS_COLUMNS] = {
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Call", "%u"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome", "%-13s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Cause", "%-13s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Dialled", "%-16s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client", "%-21s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server", "%-21s"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "First frame", "%u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Last frame", "%u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Polls", "%u"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Timeline", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "CallId", "%s"},
};

static tap_packet_status
count_call(void *tap_data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
           tap_flags_t flags _U_)
{
    const struct seen *seen = data;
    if (seen->call == 0)
        return TAP_PACKET_DONT_REDRAW;
    stat_tap_table *table = table_of(tap_data);
    unsigned row = find_row(table, seen->call, CALLS_COLUMNS);
    set_number(table, row, CALLS_NUMBER, seen->call);
    set_text(table, row, CALLS_OUTCOME, seen->outcome);
    if (*seen->why || !stat_tap_get_field_data(table, row, CALLS_WHY)->value.string_value)
        set_text(table, row, CALLS_WHY, seen->why);
    set_text(table, row, CALLS_DIALLED, seen->dial_string);
    set_text(table, row, CALLS_CLIENT, seen->client);
    set_text(table, row, CALLS_SERVER, seen->server);
    set_number(table, row, CALLS_FIRST, seen->first_frame);
    set_number(table, row, CALLS_LAST, seen->frame);
    set_number(table, row, CALLS_POLLS, seen->polls);
    set_text(table, row, CALLS_ID, seen->call_id);
    set_text(table, row, CALLS_TIMELINE, seen->timeline);
    return TAP_PACKET_REDRAW;
}

static stat_tap_table_ui calls_ui = {
    .group = UM_STAT_GROUP_TELEPHONY,
    .title = "UMWS Calls",
    .tap_name = "umws",
    .cli_string = "umws,calls",
    .stat_tap_init_cb = init_table,
    .packet_func = count_call,
    .stat_tap_reset_table_cb = reset_table,
    .stat_tap_free_table_item_cb = free_cell,
    .nfields = CALLS_COLUMNS,
    .fields = calls_fields,
};

/* ---- -z umws,stat ---- */

enum stat_column {
    STAT_OPERATION,
    STAT_REQUESTS,
    STAT_REPLIES,
    STAT_FAULTS,
    STAT_FASTEST,
    STAT_SLOWEST,
    STAT_MEAN,
    STAT_COLUMNS
};

static stat_tap_table_item stat_fields[STAT_COLUMNS] = {
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Operation", "%-32s"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Requests", "%u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Replies", "%u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Faults and errors", "%u"},
    {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Fastest (s)", "%.6f"},
    {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Slowest (s)", "%.6f"},
    {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Mean (s)", "%.6f"},
};

/* The mean's scratch value counts the replies it is made of. */
static void
count_latency(stat_tap_table *table, unsigned row, double seconds)
{
    stat_tap_table_item_type *cells = table->elements[row];
    unsigned count = ++cells[STAT_MEAN].user_data.uint_value;
    double mean = cells[STAT_MEAN].value.float_value;
    if (count == 1 || seconds < cells[STAT_FASTEST].value.float_value)
        set_seconds(table, row, STAT_FASTEST, seconds);
    if (count == 1 || seconds > cells[STAT_SLOWEST].value.float_value)
        set_seconds(table, row, STAT_SLOWEST, seconds);
    set_seconds(table, row, STAT_MEAN, mean + (seconds - mean) / count);
}

static void
begin_stat_row(stat_tap_table *table, unsigned row, enum um_operation operation)
{
    set_text(table, row, STAT_OPERATION, um_operation_name(operation));
    set_number(table, row, STAT_REQUESTS, 0);
    set_number(table, row, STAT_REPLIES, 0);
    set_number(table, row, STAT_FAULTS, 0);
    set_seconds(table, row, STAT_FASTEST, 0);
    set_seconds(table, row, STAT_SLOWEST, 0);
    set_seconds(table, row, STAT_MEAN, 0);
}

static tap_packet_status
count_operation(void *tap_data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
                tap_flags_t flags _U_)
{
    const struct seen *seen = data;
    stat_tap_table *table = table_of(tap_data);
    unsigned row_count = table->num_elements;
    unsigned row = find_row(table, seen->operation, STAT_COLUMNS);
    if (row == row_count)
        begin_stat_row(table, row, seen->operation);
    enum stat_column column = seen->is_reply ? STAT_REPLIES : STAT_REQUESTS;
    set_number(table, row, column, number_at(table, row, column) + 1);
    if (seen->is_fault)
        set_number(table, row, STAT_FAULTS, number_at(table, row, STAT_FAULTS) + 1);
    if (seen->has_latency)
        count_latency(table, row, (double)seen->latency_ns / 1e9);
    return TAP_PACKET_REDRAW;
}

static stat_tap_table_ui stat_ui = {
    .group = UM_STAT_GROUP_STATISTICS,
    .title = "UMWS Operations",
    .tap_name = "umws",
    .cli_string = "umws,stat",
    .stat_tap_init_cb = init_table,
    .packet_func = count_operation,
    .stat_tap_reset_table_cb = reset_table,
    .stat_tap_free_table_item_cb = free_cell,
    .nfields = STAT_COLUMNS,
    .fields = stat_fields,
};

/* ---- -z umws,tree ---- */

static const char root_messages[] = "Messages";
static const char root_states[] = "Call states told";
static const char root_causes[] = "Event causes told";
static const char root_faults[] = "Faults and errors";

static void
init_tree(stats_tree *tree)
{
    stats_tree_create_node(tree, root_messages, 0, STAT_DT_INT, TRUE);
    stats_tree_create_pivot(tree, root_states, 0);
    stats_tree_create_pivot(tree, root_causes, 0);
    stats_tree_create_pivot(tree, root_faults, 0);
}

static void
tick(stats_tree *tree, const char *root, const char *text)
{
    if (*text)
        stats_tree_tick_pivot(tree, stats_tree_parent_id_by_name(tree, root), text);
}

static tap_packet_status
count_in_tree(stats_tree *tree, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
              tap_flags_t flags _U_)
{
    const struct seen *seen = data;
    int messages = tick_stat_node(tree, root_messages, 0, TRUE);
    int operation = tick_stat_node(tree, um_operation_name(seen->operation), messages, TRUE);
    tick_stat_node(tree, seen->title, operation, FALSE);
    tick(tree, root_states, seen->state);
    tick(tree, root_causes, seen->cause);
    tick(tree, root_faults, seen->fault);
    return TAP_PACKET_REDRAW;
}

/* ---- -z umws,srt ---- */

static void
init_response_times(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table = init_srt_table("UM Web Service", NULL, tables, UM_OPERATION_COUNT,
                                           "Operation", "umws.operation", NULL);
    for (int i = 0; i < UM_OPERATION_COUNT; i++)
        init_srt_table_row(table, i, um_operation_name((enum um_operation)i));
}

static tap_packet_status
count_response_time(void *tap_data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
                    tap_flags_t flags _U_)
{
    const struct seen *seen = data;
    srt_data_t *srt = tap_data;
    if (!seen->has_latency)
        return TAP_PACKET_DONT_REDRAW;
    /* the table counts up to the packet at hand: from where it comes out as our response time */
    nstime_t latency = um_nstime_of(seen->latency_ns);
    nstime_t from;
    nstime_delta(&from, &pinfo->abs_ts, &latency);
    add_srt_table_data(g_array_index(srt->srt_array, srt_stat_table *, 0), (int)seen->operation,
                       &from, pinfo);
    return TAP_PACKET_REDRAW;
}

/* ---- the filter of one call ---- */

static const struct umws_message *
first_message(packet_info *pinfo)
{
    for (unsigned body = 0; body < BODIES_SEARCHED; body++) {
        const struct umws_message *message = umws_match_find(pinfo, body);
        if (message)
            return message;
    }
    return umws_parts_in(pinfo->num);
}

static struct um_span
call_id_of(const struct umws_message *message)
{
    const struct umws_exchange *exchange = message->exchange;
    struct um_span text = um_span_of(NULL, 0);
    if (exchange->request)
        text = um_message_text(exchange->request->content, UM_FIELD_CALL_ID);
    if (text.len == 0 && exchange->reply)
        text = um_message_text(exchange->reply->content, UM_FIELD_CALL_ID);
    return text;
}

static um_filter_result
has_call(UM_FILTER_ARGUMENTS)
{
    const struct umws_message *message = first_message(pinfo);
    return message && call_id_of(message).len > 0;
}

static char *
filter_of_call(UM_FILTER_ARGUMENTS)
{
    struct um_arena scratch = {0};
    struct um_call_id id;
    char *filter = NULL;
    struct um_span text = call_id_of(first_message(pinfo));
    if (um_call_id_parse(text, &scratch, &id) == 0) {
        /* the GUID joins both spellings of an id */
        filter = id.guid[0] != '\0'
                     ? g_strdup_printf("umws.call_id.guid == \"%s\"", id.guid)
                     : g_strdup_printf("umws.call_id == \"%s\"", umws_text_safe(pinfo->pool, text));
    }
    um_arena_done(&scratch);
    return filter;
}

void
umws_statistics_register(int protocol)
{
    umws_tap = register_tap("umws");
    register_stat_tap_table_ui(&calls_ui);
    register_stat_tap_table_ui(&stat_ui);
    stats_tree_register_plugin("umws", "umws", "UMWS" UM_STATS_TREE_MENU "Messages", 0,
                               count_in_tree, init_tree, NULL);
    register_srt_table(protocol, NULL, 1, count_response_time, init_response_times, NULL);
    um_register_conversation_filter("umws", "UMWS call", has_call, filter_of_call);
}
