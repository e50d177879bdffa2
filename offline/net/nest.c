/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is behind an opened subframe waits in a list, innermost first, that is as deep as tunnels
 * are in each other. Of a datagram that was joined it is copied: the next one that is joined takes
 * that one's place.
 */
#include "offline/net/nest.h"

#include "core/base/err.h"
#include "offline/net/tunnel.h"

struct um_nest_rest {
    struct um_nest_rest *outer;
    struct um_span subframes;
    struct um_nested around; /* of the frame that has them */
};

void
um_nest_done(struct um_nest *nest)
{
    um_arena_done(&nest->arena);
    nest->rests = NULL;
}

/* A part that ends before its frame does lacks nothing. */
static uint32_t
missing_behind(struct um_span part, struct um_span frame, uint32_t not_captured)
{
    return part.data + part.len == frame.data + frame.len ? not_captured : 0;
}

static int
keep(struct um_nest *nest, struct um_span subframes, const struct um_nested *around)
{
    struct um_nest_rest *rest = um_arena_alloc(&nest->arena, sizeof *rest);
    if (!rest)
        return UM_ERR_NOMEM;
    *rest = (struct um_nest_rest){.outer = nest->rests, .subframes = subframes, .around = *around};
    if (around->is_joined && um_arena_copy(&nest->arena, subframes, &rest->subframes) != UM_OK)
        return UM_ERR_NOMEM;
    rest->around.is_joined = false;
    nest->rests = rest;
    return UM_OK;
}

/* `nested` is what is known around `frame`, of which `kind` was found. */
static int
enter(struct um_nest *nest, enum um_link_kind kind, const struct um_stripped *stripped,
      struct um_span frame, struct um_nested *nested)
{
    if (stripped->subframes.len > 0) {
        int err = keep(nest, stripped->subframes, nested);
        if (err)
            return err;
    }
    if (kind != UM_LINK_IP)
        return kind;
    nested->datagram = stripped->ip;
    nested->not_captured = missing_behind(stripped->ip, frame, nested->not_captured);
    return UM_LINK_IP;
}

int
um_nest_begin(struct um_nest *nest, const struct um_packet *packet, uint64_t budget,
              struct um_nested *out)
{
    struct um_stripped stripped;
    if (nest->arena.blocks)
        um_arena_reset(&nest->arena);
    nest->rests = NULL;
    *out = (struct um_nested){.not_captured = packet->wire_len - (uint32_t)packet->bytes.len,
                              .budget = budget};
    enum um_link_kind kind =
        um_link_strip(packet->link_type, packet->bytes, &out->budget, &stripped);
    return enter(nest, kind, &stripped, packet->bytes, out);
}

static enum um_link_kind
strip_inner(const struct um_inner *inner, uint64_t *budget, struct um_stripped *out)
{
    switch (inner->kind) {
    case UM_INNER_IP:
        *out = (struct um_stripped){.ip = inner->bytes};
        return UM_LINK_IP;
    case UM_INNER_LINK:
        return um_link_strip(inner->type, inner->bytes, budget, out);
    default:
        return um_link_strip_ethertype(inner->type, inner->bytes, budget, out);
    }
}

int
um_nest_open(struct um_nest *nest, const struct um_ip *ip, struct um_nested *nested)
{
    struct um_inner inner = um_tunnel_open(ip);
    if (inner.kind == UM_INNER_NONE)
        return UM_LINK_NOT_IP;
    if (nested->budget == 0)
        return UM_LINK_DEEP;
    nested->budget--;
    nested->not_captured = ip->cut; /* behind the datagram around it is only the frame's trailer */
    struct um_stripped stripped;
    enum um_link_kind kind = strip_inner(&inner, &nested->budget, &stripped);
    return enter(nest, kind, &stripped, inner.bytes, nested);
}

int
um_nest_next(struct um_nest *nest, struct um_nested *out)
{
    struct um_nest_rest *rest = nest->rests;
    struct um_span frame = rest->subframes;
    struct um_stripped stripped;
    *out = rest->around;
    enum um_link_kind kind = um_link_strip_subframe(frame, &out->budget, &stripped);
    rest->subframes = stripped.subframes;
    if (stripped.subframes.len == 0)
        nest->rests = rest->outer;
    stripped.subframes = um_span_of(NULL, 0);
    return enter(nest, kind, &stripped, frame, out);
}
