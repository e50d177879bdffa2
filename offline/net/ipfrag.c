/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams in parts: a hash table to find them, a list by age to give them up in that order. */
#include "offline/net/ipfrag.h"

#include <stdlib.h>

#define TIMEOUT_NS (30 * INT64_C(1000000000))
#define COPY_NS INT64_C(1000000000) /* a copy comes no later */

enum { DATAGRAM_MAX = 65535, WAITING_MAX = 4096, JOINED_MAX = 64 };

struct um_fragmented {
    struct um_list age;
    struct um_fragmented *chain;
    size_t bucket;
    uint8_t ends[2][16]; /* source, destination */
    uint8_t address_len;
    uint8_t protocol; /* of the first fragment to arrive: IPv6 tells datagrams apart without */
    uint32_t id;
    uint64_t number;
    bool has_total;
    bool begins; /* the fragment at 0, which names the protocol, has come */
    bool is_joined;
    uint64_t total;
    struct um_segments parts;
    int64_t since_ns; /* began to wait; of a joined one: was last seen */
};

void
um_ipfrag_init(struct um_ipfrag *frags, uint64_t max, struct um_meter *meter)
{
    *frags = (struct um_ipfrag){.room = {.meter = meter, .max = max}};
    um_list_init(&frags->by_age);
    um_list_init(&frags->joined);
}

static void
forget(struct um_ipfrag *frags, struct um_fragmented *datagram)
{
    struct um_fragmented **place = &frags->buckets[datagram->bucket];
    while (*place != datagram)
        place = &(*place)->chain;
    *place = datagram->chain;
    um_list_remove(&datagram->age);
    (*(datagram->is_joined ? &frags->joined_count : &frags->count))--;
    um_segments_clear(&datagram->parts, &frags->room);
    um_meter_give(frags->room.meter, sizeof *datagram);
    free(datagram);
}

static void
drop(struct um_ipfrag *frags, struct um_fragmented *datagram)
{
    frags->dropped++;
    forget(frags, datagram);
}

static struct um_fragmented *
first_of(const struct um_list *list)
{
    return um_list_is_empty(list) ? NULL : UM_LIST_ENTRY(list->next, struct um_fragmented, age);
}

static struct um_fragmented *
oldest(const struct um_ipfrag *frags)
{
    return first_of(&frags->by_age);
}

static void
drop_expired(struct um_ipfrag *frags, int64_t now_ns)
{
    struct um_fragmented *datagram;
    while ((datagram = oldest(frags)) &&
           um_mark_elapsed_ns(datagram->since_ns, now_ns) > TIMEOUT_NS)
        drop(frags, datagram);
    while ((datagram = first_of(&frags->joined)) &&
           um_mark_elapsed_ns(datagram->since_ns, now_ns) > COPY_NS)
        forget(frags, datagram);
}

/* Those remembered give way to those that wait. */
static bool
forget_a_joined(struct um_ipfrag *frags)
{
    struct um_fragmented *datagram = first_of(&frags->joined);
    if (datagram)
        forget(frags, datagram);
    return datagram;
}

/* A joined datagram was seen: it is the last to be forgotten. */
static void
remember(struct um_ipfrag *frags, struct um_fragmented *datagram, int64_t now_ns)
{
    um_list_remove(&datagram->age);
    um_list_append(&frags->joined, &datagram->age);
    datagram->since_ns = now_ns;
    if (datagram->is_joined)
        return;
    datagram->is_joined = true;
    frags->count--;
    if (++frags->joined_count > JOINED_MAX)
        (void)forget_a_joined(frags);
}

static size_t
bucket_of(const struct um_ip *ip)
{
    uint64_t hash = ip->id;
    for (size_t i = 0; i < ip->source.len; i++)
        hash = (hash ^ ip->source.data[i] ^ (uint64_t)ip->destination.data[i] << 8) *
               UINT64_C(0x9fb21c651e98df25);
    return hash >> 32 & (UM_IPFRAG_BUCKETS - 1);
}

static bool
is_of(const struct um_fragmented *datagram, const struct um_ip *ip)
{
    size_t len = ip->source.len;
    return datagram->id == ip->id && datagram->address_len == len &&
           (len == 16 || datagram->protocol == ip->protocol) &&
           memcmp(datagram->ends[0], ip->source.data, len) == 0 &&
           memcmp(datagram->ends[1], ip->destination.data, len) == 0;
}

static struct um_fragmented *
find(const struct um_ipfrag *frags, const struct um_ip *ip)
{
    struct um_fragmented *datagram = frags->buckets[bucket_of(ip)];
    while (datagram && !is_of(datagram, ip))
        datagram = datagram->chain;
    return datagram;
}

static int
begin(struct um_ipfrag *frags, const struct um_ip *ip, struct um_mark mark,
      struct um_fragmented **out)
{
    struct um_fragmented *datagram = calloc(1, sizeof *datagram);
    if (!datagram)
        return UM_ERR_NOMEM;
    for (;;) {
        bool is_full = frags->count >= WAITING_MAX;
        if (!is_full && um_meter_take(frags->room.meter, sizeof *datagram))
            break;
        if (!is_full && forget_a_joined(frags))
            continue;
        um_limit_hit(is_full ? &frags->at_limit : &frags->at_memory, mark.frame);
        if (!oldest(frags)) {
            free(datagram);
            *out = NULL;
            return UM_OK;
        }
        drop(frags, oldest(frags));
    }
    datagram->address_len = (uint8_t)ip->source.len;
    memcpy(datagram->ends[0], ip->source.data, ip->source.len);
    memcpy(datagram->ends[1], ip->destination.data, ip->destination.len);
    datagram->id = ip->id;
    datagram->number = ++frags->begun;
    datagram->protocol = ip->protocol;
    datagram->since_ns = mark.time_ns;
    datagram->bucket = bucket_of(ip);
    datagram->chain = frags->buckets[datagram->bucket];
    frags->buckets[datagram->bucket] = datagram;
    um_list_append(&frags->by_age, &datagram->age);
    frags->count++;
    *out = datagram;
    return UM_OK;
}

/* True when every byte up to the end is there or known to be cut. */
static bool
is_complete(const struct um_fragmented *datagram)
{
    const struct um_segments *parts = &datagram->parts;
    if (!datagram->has_total || !datagram->begins || parts->covered_bytes < datagram->total)
        return false;
    uint64_t at = 0;
    for (const struct um_segment *s = parts->head; s && s->position == at; s = s->next)
        at = um_segment_end(s);
    return at >= datagram->total;
}

/* Joins the bytes up to the first cut. */
static int
join(struct um_ipfrag *frags, const struct um_fragmented *datagram)
{
    um_buf_clear(&frags->whole);
    for (const struct um_segment *s = datagram->parts.head; s && !s->is_cut; s = s->next) {
        int err = um_buf_append(&frags->whole, um_span_of(s->bytes, (size_t)s->len));
        if (err)
            return err;
    }
    if (frags->whole.len > datagram->total)
        frags->whole.len = (size_t)datagram->total;
    return UM_OK;
}

static int
finish(struct um_ipfrag *frags, struct um_fragmented *datagram, struct um_ip *ip, int64_t now_ns)
{
    int err = join(frags, datagram);
    if (err)
        return err;
    memcpy(frags->whole_ends, datagram->ends, sizeof frags->whole_ends);
    ip->source = um_span_of(frags->whole_ends[0], datagram->address_len);
    ip->destination = um_span_of(frags->whole_ends[1], datagram->address_len);
    ip->payload = um_buf_span(&frags->whole);
    ip->cut = (uint32_t)(datagram->total - frags->whole.len);
    ip->protocol = datagram->protocol;
    ip->fragment_offset = 0;
    ip->more_fragments = false;
    remember(frags, datagram, now_ns);
    return UM_IPFRAG_WHOLE;
}

/* Puts the fragment into its datagram; *datagram becomes NULL when that had to be given up. */
static int
put(struct um_ipfrag *frags, struct um_fragmented **datagram, const struct um_arrival *arrival)
{
    struct um_segments *parts = &(*datagram)->parts;
    for (;;) {
        int result = um_segments_add(parts, arrival, 0, DATAGRAM_MAX, &frags->room);
        if (result <= 0)
            return result;
        if (result != UM_SEGMENTS_FULL && forget_a_joined(frags))
            continue;
        um_limit_hit(result == UM_SEGMENTS_NO_MEMORY ? &frags->at_memory : &frags->at_limit,
                     arrival->first.frame);
        struct um_fragmented *victim = result == UM_SEGMENTS_FULL ? *datagram : oldest(frags);
        bool is_own = victim == *datagram;
        drop(frags, victim);
        if (is_own) {
            *datagram = NULL;
            return UM_OK;
        }
    }
}

/* Other bytes for the very place of a part: not an overlap, but another datagram. */
static bool
replaces_a_part(const struct um_segments *parts, const struct um_arrival *arrival)
{
    const struct um_segment *part = parts->tail;
    while (part && part->position > arrival->position)
        part = part->prev;
    return part && part->position == arrival->position && part->len == arrival->bytes.len &&
           um_segments_differ(parts, arrival);
}

/* False: the fragment cannot be of this datagram, of which the number is in use again. */
static bool
fits(const struct um_fragmented *datagram, const struct um_ip *ip, const struct um_arrival *arrival)
{
    uint64_t end = um_arrival_end(arrival), total = datagram->total;
    if (datagram->has_total && (ip->more_fragments ? end > total : end != total))
        return false;
    return datagram->is_joined ? !um_segments_differ(&datagram->parts, arrival)
                               : !replaces_a_part(&datagram->parts, arrival);
}

/* The datagram that the fragment is of, as far as one is there. */
static struct um_fragmented *
find_fitting(struct um_ipfrag *frags, const struct um_ip *ip, const struct um_arrival *arrival)
{
    struct um_fragmented *datagram = find(frags, ip);
    if (!datagram || fits(datagram, ip, arrival))
        return datagram;
    if (datagram->is_joined)
        forget(frags, datagram);
    else
        drop(frags, datagram);
    return NULL;
}

int
um_ipfrag_add(struct um_ipfrag *frags, struct um_ip *ip, struct um_mark mark)
{
    drop_expired(frags, mark.time_ns);
    frags->number = 0;
    struct um_arrival arrival = {.position = ip->fragment_offset,
                                 .bytes = ip->payload,
                                 .cut = ip->cut,
                                 .first = mark,
                                 .last = mark};
    uint64_t end = um_arrival_end(&arrival);
    if (end > DATAGRAM_MAX)
        return UM_OK;

    struct um_fragmented *datagram = find_fitting(frags, ip, &arrival);
    if (datagram && datagram->is_joined) {
        remember(frags, datagram, mark.time_ns);
        return UM_OK;
    }
    int err = datagram ? UM_OK : begin(frags, ip, mark, &datagram);
    if (err || !datagram)
        return err;
    err = put(frags, &datagram, &arrival);
    if (err || !datagram)
        return err;
    frags->number = datagram->number;

    if (ip->fragment_offset == 0) {
        datagram->begins = true;
        datagram->protocol = ip->protocol;
    }
    if (!ip->more_fragments && !datagram->has_total) {
        datagram->has_total = true;
        datagram->total = end;
    }
    return is_complete(datagram) ? finish(frags, datagram, ip, mark.time_ns) : UM_OK;
}

void
um_ipfrag_end(struct um_ipfrag *frags)
{
    while (oldest(frags))
        drop(frags, oldest(frags));
}

void
um_ipfrag_done(struct um_ipfrag *frags)
{
    while (oldest(frags))
        forget(frags, oldest(frags));
    while (forget_a_joined(frags))
        continue;
    um_buf_done(&frags->whole);
}
