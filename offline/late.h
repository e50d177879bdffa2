/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TLS connection that was joined late (tls/join.h): no packet of it names its secrets. */
#ifndef UM_OFFLINE_LATE_H
#define UM_OFFLINE_LATE_H

#include "core/base/endpoint.h"
#include "offline/tls/keys.h"

struct um_late {
    struct um_endpoint ends[2];
    uint8_t client_random[UM_TLS_RANDOM_BYTES];
};

#endif
