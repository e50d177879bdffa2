/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of a TLS connection when it is over. */
#ifndef UM_OFFLINE_TLS_COUNT_H
#define UM_OFFLINE_TLS_COUNT_H

#include "offline/connections.h"

/* Its findings, and its secrets if no packet names them. `first_frame`: its first packet of
 * interest. 0 or UM_ERR_NOMEM. */
int um_tls_count(struct um_connections *all, const struct um_tls *tls,
                 const struct um_endpoint ends[2], uint64_t first_frame);

#endif
