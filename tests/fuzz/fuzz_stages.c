/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data, holes and ends in any order through all stages above net: what a connection speaks, TLS
 * without secrets, HTTP/1, HTTP/2, upgrades, tunnels. The first two bytes tell which allocation
 * fails (0: none), the rest is a script (observer.h). Whatever comes, each message is ended and
 * forgotten once, memory is given back, and the only error is the one that was asked for.
 */
#include <stdlib.h>

#include "offline/connections.h"
#include "tests/fuzz/observer.h"
#include "tests/support/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_BYTES = 2 };

static int
play(struct um_connections *all, struct um_span script)
{
    static const struct um_flow_info info = {
        .number = 1, .ends = {{.address_len = 4, .port = 40000}, {.address_len = 4, .port = 80}}};
    struct um_flow_events events = um_connections_events(all);
    struct um_sink sinks[2];
    void *user;
    int err = events.open(events.ctx, &info, sinks, &user);
    if (err)
        return err;
    err = um_fuzz_play(script, sinks, SIZE_MAX);
    int result = events.close(events.ctx, user); /* after an error too, as net does it */
    return err ? err : result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD_BYTES)
        return 0;
    struct um_limits limits;
    struct um_meter meter = {.max = 1 << 20};
    struct um_fuzz_observer observer = {0};
    struct um_connections all = {
        .limits = &limits, .meter = &meter, .http = um_fuzz_observer_events(&observer)};
    um_limits_init(&limits);
    limits.max[UM_LIMIT_HEAD] = 512;
    limits.max[UM_LIMIT_REQUESTS] = 4;
    limits.max[UM_LIMIT_H2_STREAMS] = 4;
    limits.max[UM_LIMIT_TUNNELS] = 4;
    if (um_secrets_new(&meter, &all.secrets) != UM_OK)
        return 0;
    size_t failing = (size_t)data[0] | (size_t)data[1] << 8;
    if (failing > 0)
        um_test_alloc_fail_at(failing - 1);
    int err = play(&all, um_span_of(data + HEAD_BYTES, size - HEAD_BYTES));
    bool has_failed = um_test_alloc_reset() && failing > 0;
    um_fuzz_demand(err == (has_failed ? UM_ERR_NOMEM : UM_OK));
    if (!err)
        um_fuzz_observer_check(&observer);
    um_alerts_done(&all.alerts);
    um_encrypted_done(&all.encrypted);
    free(all.late);
    um_secrets_free(all.secrets);
    um_fuzz_demand(meter.used == 0);
    return 0;
}
