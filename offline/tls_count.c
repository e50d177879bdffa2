/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls_count.h"

#include "core/base/err.h"
#include "core/base/room.h"

static int
note_late(struct um_connections *all, const struct um_endpoint ends[2],
          const struct um_tls_info *info)
{
    if (!info->is_late)
        return UM_OK;
    struct um_late *late =
        um_room_for_one(all->late, &all->late_cap, all->late_count, sizeof *late);
    if (!late)
        return UM_ERR_NOMEM;
    all->late = late;
    late += all->late_count++;
    memcpy(late->ends, ends, sizeof late->ends);
    memcpy(late->client_random, info->client_randoms.data, UM_TLS_RANDOM_BYTES);
    return UM_OK;
}

/* Without a ClientHello the server is the end with the lower port: only the report's wording. */
int
um_tls_count(struct um_connections *all, const struct um_tls *tls, const struct um_endpoint ends[2],
             uint64_t first_frame)
{
    struct um_tls_info info = um_tls_info(tls);
    int server = info.client >= 0 ? 1 - info.client : ends[0].port < ends[1].port ? 0 : 1;
    all->tls_failures += info.failures;
    for (size_t i = 0; i < info.failed_frames.count; i++)
        um_finding_frames_add(&all->tls_failed_frames, info.failed_frames.at[i]);
    if (info.is_given_up)
        um_limit_hit(&all->refused, first_frame);
    int err = note_late(all, ends, &info);
    if (!err && info.alert.is_there)
        err = um_alerts_add(&all->alerts, info.server_name, &ends[server], &info.alert,
                            info.alert.side == server);
    if (err || (info.alert.is_there && info.alert.in_handshake) ||
        (info.is_read && !info.is_unread) || info.is_given_up)
        return err;
    const struct um_encrypted_connection encrypted = {.name = info.server_name,
                                                      .server = &ends[server],
                                                      .frame = first_frame,
                                                      .version = info.version,
                                                      .suite = info.suite,
                                                      .bytes = info.bytes,
                                                      .has_secrets = info.has_secrets,
                                                      .is_partly_read = info.is_read,
                                                      .has_no_beginning =
                                                          info.client < 0 || info.is_late,
                                                      .is_tried_in_part = info.is_tried_in_part,
                                                      .lacks_exchange = info.lacks_exchange,
                                                      .client_random = info.client_random};
    return um_encrypted_add(&all->encrypted, &encrypted);
}
