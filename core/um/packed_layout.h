/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a packed record looks, for packed.c, which writes it, and packed_read.c:
 *
 *     before | flags | common | number | item, tag | call id, client, connection | dial string
 *         | marks
 *
 * `before` is the place of the record before it in its list; the flags say what else is there. A
 * number is written seven bits a byte, the lowest first; the top bit says that more follow. A text
 * is the number of its symbol and 1, or 0 where there is none; one that few share is written out.
 * Of the four marks those that are there are told, each as the step from the one before; the last
 * packet of a message only when it is not its first. Who goes on polling is told once, and in steps
 * from what was asked before.
 */
#ifndef UM_UM_PACKED_LAYOUT_H
#define UM_UM_PACKED_LAYOUT_H

#include <assert.h>
#include <stddef.h>

#include "core/um/call.h"

enum {
    UM_PACKED_MARKS = 4, /* first and last packet of the request, and of the reply */
    UM_PACKED_BEFORE_BYTES = sizeof(uint32_t),
};

enum um_packed_flag {
    UM_PACKED_MARK = 1 << 0, /* and three more; of the last packets: is not the first */
    UM_PACKED_MORE = 1 << 4, /* item and tag */
    UM_PACKED_SAME_PARTY = 1 << 5,
    UM_PACKED_DIAL_STRING = 1 << 6,
    UM_PACKED_IN_US = 1 << 7, /* its times are whole microseconds, as in most captures */
};

#define AT(member) offsetof(struct um_exchange_record, member)

static const size_t um_packed_texts[] = {
    AT(state),           AT(cause),        AT(target),          AT(soap_action),
    AT(tls.server_name), AT(http_version), AT(sip_code),        AT(sip_text),
    AT(fault_code),      AT(fault_text),   AT(fault_exception),
};
static const size_t um_packed_words[] = {
    AT(service),    AT(operation),     AT(http_status), AT(authentication_legs),
    AT(unanswered), AT(request_flags), AT(reply_flags), AT(limits_reached),
};
static const size_t um_packed_claims[] = {
    AT(is_fault),           AT(is_service_error),    AT(has_request),
    AT(has_reply),          AT(has_request_message), AT(has_reply_message),
    AT(request_incomplete), AT(reply_incomplete),    AT(authentication_failed),
};
static const size_t um_packed_marks[UM_PACKED_MARKS] = {AT(request_first), AT(request_last),
                                                        AT(reply_first), AT(reply_last)};

enum {
    UM_PACKED_TEXTS = sizeof um_packed_texts / sizeof *um_packed_texts,
    UM_PACKED_WORDS = sizeof um_packed_words / sizeof *um_packed_words,
    UM_PACKED_CLAIMS = sizeof um_packed_claims / sizeof *um_packed_claims,
};

static_assert(sizeof(enum um_operation) == sizeof(uint32_t) &&
                  sizeof(enum um_service) == sizeof(uint32_t) &&
                  sizeof(enum um_unanswered) == sizeof(uint32_t) &&
                  sizeof(unsigned) == sizeof(uint32_t),
              "words are of one size");

/* What a text begins with; of one that is written out its length is added. */
enum um_packed_text {
    UM_PACKED_TEXT_NONE,
    UM_PACKED_TEXT_SYMBOL,
    UM_PACKED_TEXT_OF_NAME,
    UM_PACKED_TEXT_WRITTEN_OUT
};

static inline const void *
um_packed_in(const struct um_exchange_record *record, size_t offset)
{
    return (const char *)record + offset;
}

static inline void *
um_packed_into(struct um_exchange_record *record, size_t offset)
{
    return (char *)record + offset;
}

static inline bool
um_packed_is_there(const struct um_mark *mark)
{
    return mark->frame != 0 || mark->time_ns != 0;
}

static inline int64_t
um_packed_unit_ns(unsigned flags)
{
    return flags & UM_PACKED_IN_US ? 1000 : 1;
}

/* Is the mark that of a message's last packet? One that is not told is that of the first. */
static inline bool
um_packed_is_last_packet(size_t mark)
{
    return mark % 2 == 1;
}

/* The first packet of a record. */
static inline struct um_mark
um_packed_start(const struct um_exchange_record *record)
{
    return um_packed_is_there(&record->request_first) ? record->request_first : record->reply_first;
}

#endif
