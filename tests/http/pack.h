/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content codings applied, for the tests of those who undo them. */
#ifndef UM_TEST_HTTP_PACK_H
#define UM_TEST_HTTP_PACK_H

#include "core/base/buf.h"
#include "core/http/message.h"

/*
 * `plain` in one of the four codings that can be undone; `is_raw`: deflate without zlib's header.
 * The caller frees it with um_buf_done.
 */
struct um_buf um_pack(struct um_span plain, enum um_http_coding coding, bool is_raw);

#endif
