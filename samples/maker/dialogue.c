/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Line by line: '#' comment, '@' event, '|' the event's body, and the settings id, capture,
 * repeat ... end. A loop is run by going through its lines again with its variable set.
 */
#include "samples/maker/dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "samples/maker/bytes.h"
#include "samples/maker/text.h"

enum { LOOPS_MAX = 4 };

struct variable {
    const char *name;
    uint32_t value;
};

struct id {
    const char *name, *text;
};

struct parser {
    struct um_pool *pool;
    const char *path;
    char **lines;
    size_t line_count;
    struct variable loops[LOOPS_MAX]; /* those that run now */
    size_t depth;
    struct id *ids;
    size_t id_count;
    struct um_dialogue *out;
};

static struct um_place
place_of(const struct parser *parser, size_t index)
{
    return (struct um_place){.file = parser->path, .line = (unsigned)index + 1};
}

static void
split_lines(struct parser *parser, char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        bool last = text[len] == 0;
        parser->lines =
            um_pool_grow(parser->pool, parser->lines, parser->line_count, sizeof *parser->lines);
        parser->lines[parser->line_count++] = text;
        text[len] = 0;
        text += last ? len : len + 1;
    }
}

/* The loop variable of "{name}" or "{name:width}" at `text`; NULL: something else. */
static const struct variable *
variable_at(const struct parser *parser, const char *text, int *width, size_t *len)
{
    size_t name_len = strcspn(text + 1, ":}");
    for (size_t i = 0; i < parser->depth; i++) {
        const char *name = parser->loops[i].name;
        const char *rest = text + 1 + name_len;
        if (strlen(name) != name_len || strncmp(name, text + 1, name_len) != 0)
            continue;
        *width = 0;
        if (rest[0] == ':' && rest[1] >= '1' && rest[1] <= '9') {
            *width = rest[1] - '0';
            rest += 2;
        }
        if (*rest != '}')
            continue;
        *len = (size_t)(rest + 1 - text);
        return &parser->loops[i];
    }
    return NULL;
}

static char *
put_variables_in(const struct parser *parser, const char *text)
{
    struct um_bytes out = {.pool = parser->pool};
    while (*text) {
        int width;
        size_t len = 1;
        const struct variable *variable =
            *text == '{' ? variable_at(parser, text, &width, &len) : NULL;
        if (variable)
            um_bytes_format(&out, "%0*u", width, variable->value);
        else
            um_bytes_add(&out, text, 1);
        text += len;
    }
    return um_pool_copy(parser->pool, (const char *)out.data, out.len);
}

static void
parse_id(struct parser *parser, const struct um_place *place, char *text)
{
    struct um_bytes encoded = {.pool = parser->pool};
    char *name = um_text_take_word(&text);
    bool opaque = um_text_starts_with(text, "opaque");
    if (opaque)
        um_text_take_word(&text);
    if (!*name || !*text)
        um_place_die(place, "an id is: id NAME [opaque] TEXT");
    if (!opaque) {
        um_bytes_base64(&encoded, text, strlen(text));
        text = um_pool_copy(parser->pool, (const char *)encoded.data, encoded.len);
    }
    parser->ids = um_pool_grow(parser->pool, parser->ids, parser->id_count, sizeof *parser->ids);
    parser->ids[parser->id_count++] = (struct id){.name = name, .text = text};
}

static void
parse_capture(struct parser *parser, const struct um_place *place, char *text)
{
    const char *what = um_text_take_word(&text);
    const char *value = um_text_take_word(&text);
    struct um_dialogue *out = parser->out;
    bool known = (strcmp(what, "from") == 0 && um_words_parse_seconds(value, &out->from_us)) ||
                 (strcmp(what, "until") == 0 && um_words_parse_seconds(value, &out->until_us)) ||
                 (strcmp(what, "snaplen") == 0 && um_words_parse_number(value, &out->snaplen)) ||
                 (strcmp(what, "drop") == 0 && um_words_parse_number(value, &out->dropped));
    if (!known || *text)
        um_place_die(place,
                     "a setting is: capture from TIME, until TIME, snaplen BYTES or drop BYTES");
}

/* Puts the id's text in the place of its name. */
static void
resolve_id(const struct parser *parser, struct um_event *event)
{
    for (size_t i = 0; i < event->words.option_count; i++) {
        struct um_option *option = &event->words.options[i];
        size_t at = parser->id_count;
        if (strcmp(option->key, "call") != 0)
            continue;
        while (at > 0 && strcmp(parser->ids[at - 1].name, option->value) != 0)
            at--;
        if (at == 0)
            um_place_die(&event->place, "no id has the name %s", option->value);
        option->value = parser->ids[at - 1].text;
    }
}

static bool
is_direction(const char *word)
{
    return strcmp(word, ">") == 0 || strcmp(word, "<") == 0;
}

/* "[NAME] [CLIENT] > ": what stands before the verb. */
static void
parse_connection(struct um_event *event, char **rest)
{
    const char *word = um_text_take_word(rest);
    event->connection = "";
    if (!is_direction(word) && !strchr(word, ':')) {
        event->connection = word;
        word = um_text_take_word(rest);
    }
    if (strchr(word, ':')) {
        event->client = word;
        word = um_text_take_word(rest);
    }
    if (!is_direction(word))
        um_place_die(&event->place, "expected > or < where \"%s\" stands", word);
    event->from_server = *word == '<';
    if (event->client)
        event->server = um_text_take_word(rest);
}

static enum um_verb
verb_of(const char *text)
{
    static const char *const names[] = {
        [UM_VERB_OPEN] = "open",   [UM_VERB_REQUEST] = "request", [UM_VERB_REPLY] = "reply",
        [UM_VERB_FAULT] = "fault", [UM_VERB_STATUS] = "status",   [UM_VERB_BYTES] = "bytes",
        [UM_VERB_LOST] = "lost",   [UM_VERB_CLOSE] = "close",     [UM_VERB_FIN] = "fin",
        [UM_VERB_RESET] = "reset", [UM_VERB_CLOCK] = "clock",
    };
    unsigned i = 0;
    while (i < UM_VERB_CLOCK && !um_text_starts_with(text, names[i]))
        i++;
    return i < UM_VERB_CLOCK ? (enum um_verb)i : UM_VERB_BYTES;
}

static void
parse_action(struct parser *parser, struct um_event *event, char *rest)
{
    event->verb = verb_of(rest);
    if (event->client && event->verb != UM_VERB_OPEN)
        um_place_die(&event->place, "addresses stand where a connection opens, and only there");
    if (event->verb == UM_VERB_OPEN && (!event->client || event->from_server))
        um_place_die(&event->place, "a connection opens so: CLIENT:PORT > SERVER:PORT open");
    if (event->verb == UM_VERB_BYTES) {
        struct um_bytes bytes = {.pool = parser->pool};
        if (um_text_starts_with(rest, "bytes"))
            um_text_take_word(&rest);
        if (!*rest)
            um_place_die(&event->place, "nothing is said here");
        um_text_unescape(&event->place, rest, &bytes);
        event->text = um_pool_copy(parser->pool, (const char *)bytes.data, bytes.len);
        event->text_len = bytes.len;
        return;
    }
    um_text_take_word(&rest);
    um_words_split(parser->pool, &event->place, rest, &event->words);
    resolve_id(parser, event);
}

static struct um_event
parse_event(struct parser *parser, const struct um_place *place, char *rest, int64_t offset_us)
{
    struct um_event event = {.place = *place};
    const char *time = um_text_take_word(&rest);
    if (!um_words_parse_seconds(time, &event.time_us) || event.time_us < 0)
        um_place_die(place, "no time: \"%s\" (seconds, six decimals at most)", time);
    event.time_us += offset_us;
    if (um_text_starts_with(rest, "clock")) {
        um_text_take_word(&rest);
        event.verb = UM_VERB_CLOCK;
        if (!um_words_parse_seconds(rest, &event.shift_us))
            um_place_die(place, "clock wants seconds, not \"%s\"", rest);
        return event;
    }
    parse_connection(&event, &rest);
    parse_action(parser, &event, rest);
    return event;
}

/* Reads the lines "| ..." from `index` on as the event's body; the first line behind them. */
static size_t
read_body(struct parser *parser, size_t index, size_t end, struct um_event *event)
{
    struct um_bytes body = {.pool = parser->pool};
    size_t first = index;
    for (; index < end && *um_text_skip_blanks(parser->lines[index]) == '|'; index++) {
        struct um_place place = place_of(parser, index);
        const char *text = put_variables_in(parser, um_text_skip_blanks(parser->lines[index]) + 1);
        if (event->verb == UM_VERB_BYTES || event->verb > UM_VERB_LOST)
            um_place_die(&place, "no body belongs to the line above");
        if (index > first)
            um_bytes_text(&body, "\r\n");
        um_text_unescape(&place, text + (*text == ' ' ? 1 : 0), &body);
    }
    if (index > first) {
        event->text = um_pool_copy(parser->pool, (const char *)body.data, body.len);
        event->text_len = body.len;
    }
    return index;
}

static size_t
add_event(struct parser *parser, size_t index, size_t end, char *line, int64_t offset_us)
{
    struct um_place place = place_of(parser, index);
    struct um_event event = parse_event(parser, &place, line + 1, offset_us);
    struct um_dialogue *out = parser->out;
    index = read_body(parser, index + 1, end, &event);
    out->events = um_pool_grow(parser->pool, out->events, out->count, sizeof *out->events);
    event.order = out->count;
    out->events[out->count++] = event;
    return index;
}

struct loop {
    const char *variable;
    uint32_t times;
    int64_t from_us, every_us;
};

/* "COUNT as NAME [from TIME] every TIME" */
static struct loop
parse_loop(const struct um_place *place, char *text)
{
    struct loop loop = {.variable = ""};
    bool good =
        um_words_parse_number(um_text_take_word(&text), &loop.times) && loop.times <= 100000;
    while (good && *text) {
        const char *key = um_text_take_word(&text);
        const char *value = um_text_take_word(&text);
        if (strcmp(key, "as") == 0)
            loop.variable = value;
        else if (strcmp(key, "from") == 0)
            good = um_words_parse_seconds(value, &loop.from_us);
        else
            good = strcmp(key, "every") == 0 && um_words_parse_seconds(value, &loop.every_us);
    }
    if (!good)
        um_place_die(place, "a loop is: repeat COUNT [as NAME] [from TIME] every TIME");
    return loop;
}

static size_t
find_end(const struct parser *parser, size_t index, size_t end)
{
    struct um_place place = place_of(parser, index);
    size_t open = 1;
    for (size_t i = index + 1; i < end; i++) {
        char *line = um_text_skip_blanks(parser->lines[i]);
        open += um_text_starts_with(line, "repeat");
        open -= um_text_starts_with(line, "end");
        if (open == 0)
            return i;
    }
    um_place_die(&place, "this loop has no end");
}

static void run_lines(struct parser *parser, size_t from, size_t end, int64_t offset_us);

/* Runs the loop at `index`; the line behind its end. Loops hold loops LOOPS_MAX deep at most. */
static size_t
run_loop(struct parser *parser, size_t index, size_t end, char *text, int64_t offset_us)
{
    struct um_place place = place_of(parser, index);
    struct loop loop = parse_loop(&place, text);
    size_t last = find_end(parser, index, end);
    if (parser->depth == LOOPS_MAX)
        um_place_die(&place, "loops stand in loops %d deep at most", LOOPS_MAX);
    parser->depth++;
    for (uint32_t i = 0; i < loop.times; i++) {
        parser->loops[parser->depth - 1] = (struct variable){.name = loop.variable, .value = i + 1};
        run_lines(parser, index + 1, last, offset_us + loop.from_us + i * loop.every_us);
    }
    parser->depth--;
    return last + 1;
}

/* Carries out the line at `index`; the next one. */
static size_t
run_line(struct parser *parser, size_t index, size_t end, int64_t offset_us)
{
    struct um_place place = place_of(parser, index);
    char *line = um_text_skip_blanks(put_variables_in(parser, parser->lines[index]));
    if (*line == '@')
        return add_event(parser, index, end, line, offset_us);
    if (*line == 0 || *line == '#')
        return index + 1;
    char *rest = line;
    const char *word = um_text_take_word(&rest);
    if (strcmp(word, "repeat") == 0)
        return run_loop(parser, index, end, rest, offset_us);
    if (strcmp(word, "id") == 0)
        parse_id(parser, &place, rest);
    else if (strcmp(word, "capture") == 0)
        parse_capture(parser, &place, rest);
    else
        um_place_die(&place, "a line begins with #, @, |, id, capture, repeat or end, not \"%s\"",
                     word);
    return index + 1;
}

static void
run_lines(struct parser *parser, size_t from, size_t end, int64_t offset_us)
{
    for (size_t i = from; i < end;)
        i = run_line(parser, i, end, offset_us);
}

static int
by_time(const void *left, const void *right)
{
    const struct um_event *a = left, *b = right;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

void
um_dialogue_read(struct um_pool *pool, const char *path, struct um_dialogue *out)
{
    struct parser parser = {.pool = pool, .path = path, .out = out};
    struct um_place place = {.file = path};
    *out = (struct um_dialogue){.until_us = INT64_MAX, .snaplen = 262144};
    split_lines(&parser, um_text_read(pool, path));
    run_lines(&parser, 0, parser.line_count, 0);
    if (out->count == 0)
        um_place_die(&place, "says nothing");
    qsort(out->events, out->count, sizeof *out->events, by_time);
}
