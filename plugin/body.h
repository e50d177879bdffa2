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

/* The beginning of a body. A zeroed struct is an empty one. */
struct umws_body {
    struct um_buf decoded;   /* without transfer and content coding */
    struct um_span envelope; /* all of it, or the root of a multipart one */
    struct um_span charset;  /* of the envelope; empty: not told */
};

/* Fills in an empty body, which must be given back either way. 0 or UM_ERR_NOMEM. */
int umws_body_decode(const struct um_http_message *head, struct um_span encoded,
                     struct umws_body *out);
void umws_body_done(struct umws_body *body);

#endif
