/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams in parts: a hash table to find them, a list by age to give them up in that order. */
#include "offline/net/ipfrag.h"

#include <stdlib.h>

#define TIMEOUT_NS (30 * INT64_C(1000000000))

enum { DATAGRAM_MAX = 65535, WAITING_MAX = 4096 };

struct um_waiting_datagram {
    struct um_list age;
    struct um_waiting_datagram *chain;
    size_t bucket;
    uint8_t ends[2][16]; /* source, destination */
    uint8_t address_len;
    uint8_t protocol; /* of the first fragment to arrive: IPv6 tells datagrams apart without */
    uint32_t id;
    bool has_total;
    bool begins; /* the fragment at 0, which names the protocol, has come */
    uint64_t total;
    struct um_segments parts;
    int64_t since_ns;
};

void
um_ipfrag_init(struct um_ipfrag *frags, uint64_t max, struct um_meter *meter)
{
    *frags = (struct um_ipfrag){.room = {.meter = meter, .max = max}};
    um_list_init(&frags->by_age);
}

static void
forget(struct um_ipfrag *frags, struct um_waiting_datagram *datagram)
{
    struct um_waiting_datagram **place = &frags->buckets[datagram->bucket];
    while (*place != datagram)
        place = &(*place)->chain;
    *place = datagram->chain;
    um_list_remove(&datagram->age);
    frags->count--;
    um_segments_clear(&datagram->parts, &frags->room);
    um_meter_give(frags->room.meter, sizeof *datagram);
    free(datagram);
}

static void
drop(struct um_ipfrag *frags, struct um_waiting_datagram *datagram)
{
    frags->dropped++;
    forget(frags, datagram);
}

static struct um_waiting_datagram *
oldest(const struct um_ipfrag *frags)
{
    if (um_list_is_empty(&frags->by_age))
        return NULL;
    return UM_LIST_ENTRY(frags->by_age.next, struct um_waiting_datagram, age);
}

static void
drop_expired(struct um_ipfrag *frags, int64_t now_ns)
{
    struct um_waiting_datagram *datagram;
    while ((datagram = oldest(frags)) &&
           um_mark_elapsed_ns(datagram->since_ns, now_ns) > TIMEOUT_NS)
        drop(frags, datagram);
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
is_of(const struct um_waiting_datagram *datagram, const struct um_ip *ip)
{
    size_t len = ip->source.len;
    return datagram->id == ip->id && datagram->address_len == len &&
           (len == 16 || datagram->protocol == ip->protocol) &&
           memcmp(datagram->ends[0], ip->source.data, len) == 0 &&
           memcmp(datagram->ends[1], ip->destination.data, len) == 0;
}

static struct um_waiting_datagram *
find(const struct um_ipfrag *frags, const struct um_ip *ip)
{
    struct um_waiting_datagram *datagram = frags->buckets[bucket_of(ip)];
    while (datagram && !is_of(datagram, ip))
        datagram = datagram->chain;
    return datagram;
}

static int
begin(struct um_ipfrag *frags, const struct um_ip *ip, struct um_mark mark,
      struct um_waiting_datagram **out)
{
    struct um_waiting_datagram *datagram = calloc(1, sizeof *datagram);
    if (!datagram)
        return UM_ERR_NOMEM;
    for (;;) {
        bool is_full = frags->count >= WAITING_MAX;
        if (!is_full && um_meter_take(frags->room.meter, sizeof *datagram))
            break;
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
is_complete(const struct um_waiting_datagram *datagram)
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
join(struct um_ipfrag *frags, const struct um_waiting_datagram *datagram)
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
finish(struct um_ipfrag *frags, struct um_waiting_datagram *datagram, struct um_ip *ip)
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
    forget(frags, datagram);
    return UM_IPFRAG_WHOLE;
}

/* Puts the fragment into its datagram; *datagram becomes NULL when that had to be given up. */
static int
put(struct um_ipfrag *frags, struct um_waiting_datagram **datagram,
    const struct um_arrival *arrival)
{
    struct um_segments *parts = &(*datagram)->parts;
    for (;;) {
        int result = um_segments_add(parts, arrival, 0, DATAGRAM_MAX, &frags->room);
        if (result <= 0)
            return result;
        um_limit_hit(result == UM_SEGMENTS_NO_MEMORY ? &frags->at_memory : &frags->at_limit,
                     arrival->first.frame);
        struct um_waiting_datagram *victim = result == UM_SEGMENTS_FULL ? *datagram : oldest(frags);
        bool is_own = victim == *datagram;
        drop(frags, victim);
        if (is_own) {
            *datagram = NULL;
            return UM_OK;
        }
    }
}

int
um_ipfrag_add(struct um_ipfrag *frags, struct um_ip *ip, struct um_mark mark)
{
    drop_expired(frags, mark.time_ns);
    uint64_t end = ip->fragment_offset + ip->payload.len + ip->cut;
    if (end > DATAGRAM_MAX)
        return UM_OK;

    struct um_waiting_datagram *datagram = find(frags, ip);
    int err = datagram ? UM_OK : begin(frags, ip, mark, &datagram);
    if (err || !datagram)
        return err;
    struct um_arrival arrival = {.position = ip->fragment_offset,
                                 .bytes = ip->payload,
                                 .cut = ip->cut,
                                 .first = mark,
                                 .last = mark};
    err = put(frags, &datagram, &arrival);
    if (err || !datagram)
        return err;

    if (ip->fragment_offset == 0) {
        datagram->begins = true;
        datagram->protocol = ip->protocol;
    }
    if (!ip->more_fragments && !datagram->has_total) {
        datagram->has_total = true;
        datagram->total = end;
    }
    return is_complete(datagram) ? finish(frags, datagram, ip) : UM_OK;
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
    um_buf_done(&frags->whole);
}
