/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads bodies with core's recogniser: those that Wireshark hands over, and parts of others. */
#ifndef UM_PLUGIN_BODY_H
#define UM_PLUGIN_BODY_H

#include "core/um/message.h"
#include "plugin/compat.h"
#include "plugin/head.h"

/* Zeroed: none was read yet. Filing a message may read another: each reader has its own answer. */
struct umws_body_reader {
    struct um_soap *soap;
    bool is_undecided; /* the body could yet have become a message of ours */
};

/*
 * What the body says; kind UM_MESSAGE_NONE when it is none of ours. `charset` is the parameter of
 * Content-Type, or empty. Valid until the reader's next call.
 */
const struct um_message *umws_body_read(struct umws_body_reader *reader, struct um_span body,
                                        struct um_span charset);

void umws_body_reader_done(struct umws_body_reader *reader);

/*
 * Appends the beginning of a body without its transfer and content coding and, of a multipart one,
 * its first part only. 0 or UM_ERR_NOMEM.
 */
int umws_body_decode(const struct um_http_message *head, struct um_span encoded,
                     struct um_buf *out);

#endif
