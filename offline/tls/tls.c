/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Its life and its sinks; the way of the bytes is place -> opening -> negotiate, epoch, side. */
#include "offline/tls/tls.h"

#include <stdlib.h>

#include "offline/tls/early.h"
#include "offline/tls/negotiate.h"
#include "offline/tls/place.h"

enum {
    SEARCH_BYTES_MAX = 1 << 26, /* ciphertext tried in vain on a connection */
    METERED_BYTES = 12 * 1024,  /* a um_tls with its keys */
};

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    return um_place_data(ctx, chunk);
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    /* inside another TLS it may be less: then the place turns out to be lost */
    return um_place_gap(ctx, missing.most, cause, where);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    return um_place_end(ctx, why, where);
}

int
um_tls_new(struct um_meter *meter, struct um_secrets *secrets, const struct um_sink clear[2],
           struct um_tls **out)
{
    *out = NULL;
    if (!um_meter_take(meter, METERED_BYTES))
        return UM_OK;
    struct um_tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        um_meter_give(meter, METERED_BYTES);
        return UM_ERR_NOMEM;
    }
    tls->meter = meter;
    tls->secrets = secrets;
    tls->session.secrets = secrets;
    tls->info.client = -1;
    tls->search_left = SEARCH_BYTES_MAX;
    for (int i = 0; i < 2; i++) {
        tls->sides[i].tls = tls;
        tls->sides[i].index = i;
        tls->sides[i].clear = clear[i];
        tls->sides[i].has_place = true;
    }
    *out = tls;
    return UM_OK;
}

void
um_tls_free(struct um_tls *tls)
{
    if (!tls)
        return;
    for (int i = 0; i < 2; i++) {
        struct um_tls_side *side = &tls->sides[i];
        um_place_empty(side);
        um_negotiate_drop(side);
        um_unseal_free(side->unseal);
    }
    um_early_empty(tls);
    um_session_done(&tls->session);
    um_meter_give(tls->meter, METERED_BYTES);
    um_crypto_wipe(tls, sizeof *tls);
    free(tls);
}

struct um_sink
um_tls_sink(struct um_tls *tls, int side)
{
    return (struct um_sink){
        .ctx = &tls->sides[side], .data = take_data, .gap = take_gap, .end = take_end};
}

struct um_tls_info
um_tls_info(const struct um_tls *tls)
{
    struct um_tls_info info = tls->info;
    info.lacks_exchange = um_session_lacks_exchange(&tls->session);
    if (tls->session.has_client)
        info.client_random = um_span_of(tls->session.randoms.client, UM_TLS_RANDOM_BYTES);
    info.is_unread |= tls->is_early_sealed;
    for (int i = 0; i < 2; i++) {
        info.is_unread |= um_side_is_unread(&tls->sides[i]);
        info.is_tried_in_part |= tls->sides[i].is_tried_in_part;
    }
    return info;
}
