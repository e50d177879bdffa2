/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two passes over the captures with the same loop: one marks, the other writes. */
#include "offline/extract.h"

#include <errno.h>

#include "offline/capture/capture.h"
#include "offline/capture/pcapng_writer.h"
#include "offline/extract_comments.h"
#include "offline/extract_marks.h"
#include "offline/output.h"
#include "offline/tls/keylog.h"

enum { COMMENTS_MAX = 64 }; /* of one packet: pipelined messages */

struct work {
    const struct um_extract *extract;
    struct um_extract_marks marks;
    struct um_extract_comments comments;
    struct um_pcapng_writer writer;
};

static bool
is_shown(const struct um_extract *extract, const struct um_exchange_record *record)
{
    return !extract->shown || (record->call != SIZE_MAX && extract->shown[record->call]);
}

static int
choose(struct work *work)
{
    const struct um_extract *extract = work->extract;
    int err = UM_OK;
    for (size_t i = 0; i < um_calls_exchange_count(extract->calls) && !err; i++) {
        const struct um_exchange_record *record = um_calls_exchange(extract->calls, i);
        if (!is_shown(extract, record))
            continue;
        err = um_extract_marks_want(&work->marks, &record->client, &record->server);
        if (!err)
            err = um_extract_comments_add(&work->comments, extract->calls, record);
    }
    for (size_t i = 0; i < extract->late_count && !err; i++)
        err = um_extract_marks_late(&work->marks, &extract->late[i]);
    um_extract_comments_sort(&work->comments);
    return err;
}

/* ---- passes ---- */

typedef int packet_fn(struct work *work, const struct um_packet *packet);

static int
read_again(struct work *work, packet_fn *take)
{
    const struct um_extract *extract = work->extract;
    struct um_capture *capture;
    const struct um_packet *packet;
    int err = um_capture_open(extract->paths, extract->path_count, &capture), more = 1;
    if (err)
        return err;
    while (!err && um_capture_stats(capture)->packets < extract->packets &&
           (more = um_capture_next(capture, &packet)) > 0) {
        if (!extract->filter || um_filter_match(extract->filter, packet))
            err = take(work, packet);
    }
    um_capture_free(capture);
    return more < 0 ? more : err;
}

static int
look_at(struct work *work, const struct um_packet *packet)
{
    return um_extract_marks_packet(&work->marks, packet);
}

static int
write_packet(struct work *work, const struct um_packet *packet)
{
    struct um_span texts[COMMENTS_MAX];
    size_t count;
    if (!um_extract_marks_has(&work->marks, packet->mark.frame))
        return UM_OK;
    const struct um_extract_comment *comments =
        um_extract_comments_of(&work->comments, packet->mark.frame, &count);
    if (count > COMMENTS_MAX)
        count = COMMENTS_MAX;
    for (size_t i = 0; i < count; i++)
        texts[i] = comments[i].text;
    um_pcapng_writer_packet(&work->writer, packet, texts, count);
    return work->writer.err;
}

/* ---- secrets ---- */

static int
put_line(void *ctx, struct um_span line)
{
    return um_buf_append(ctx, line);
}

static int
write_secrets(struct work *work)
{
    const struct um_symbols *randoms = &work->marks.client_randoms;
    struct um_buf keylog = {0};
    int err = UM_OK;
    for (size_t i = 0; i < randoms->count && !err; i++)
        err = um_keylog_lines(work->extract->secrets, um_symbols_at(randoms, i), put_line, &keylog);
    if (!err && keylog.len > 0)
        um_pcapng_writer_secrets(&work->writer, um_buf_span(&keylog));
    um_crypto_wipe(keylog.data, keylog.len);
    um_buf_done(&keylog);
    return err;
}

/* ---- the whole ---- */

static int
write_all(struct work *work, FILE *out)
{
    um_pcapng_writer_begin(&work->writer, out, "umtrace");
    int err = write_secrets(work);
    if (!err)
        err = read_again(work, write_packet);
    int writer_err = um_pcapng_writer_end(&work->writer);
    return err ? err : writer_err;
}

int
um_extract_write(const struct um_extract *extract)
{
    struct um_output output = {0};
    struct work work = {.extract = extract};
    um_extract_marks_init(&work.marks, extract->limits);
    int err = choose(&work);
    if (!err)
        err = read_again(&work, look_at);
    if (!err)
        err = um_output_open(extract->path, &output);
    if (!err)
        err = write_all(&work, output.stream);
    if (!err)
        err = um_output_finish(&output);
    int reason = errno;
    um_output_abandon(&output);
    um_extract_marks_done(&work.marks);
    um_extract_comments_done(&work.comments);
    errno = reason;
    return err;
}
