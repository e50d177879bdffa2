/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS secrets from the files that the options name, and from captures. */
#ifndef UM_OFFLINE_SECRETS_INPUT_H
#define UM_OFFLINE_SECRETS_INPUT_H

#include "offline/options.h"
#include "offline/tls/secrets.h"

/*
 * Reads every --keylog and --tls-key. What cannot be read is told on `errors`. 0, UM_ERR_USAGE,
 * UM_ERR_NOMEM.
 */
int um_secrets_input_read(const struct um_options *options, struct um_secrets *secrets,
                          FILE *errors);

/* For um_capture_secrets_to; `ctx` is the struct um_secrets. Other types are left out. */
int um_secrets_input_take(void *ctx, uint32_t type, struct um_span bytes);

#endif
