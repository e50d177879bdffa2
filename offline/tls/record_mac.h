/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MAC of records that are not sealed by an AEAD: it covers the sequence number, which is found
 * by it.
 * Source: RFC 6101 section 5.2.3.1, RFC 5246 section 6.2.3.1.
 */
#ifndef UM_TLS_RECORD_MAC_H
#define UM_TLS_RECORD_MAC_H

#include "offline/tls/crypto.h"
#include "offline/tls/numbers.h"
#include "offline/tls/record.h"

struct um_record_mac;

/*
 * With the key of one direction; an empty one verifies nothing. 0 or UM_ERR_NOMEM. Freed with
 * um_record_mac_free, which wipes the key.
 */
int um_record_mac_new(uint16_t version, enum um_hash hash, struct um_span key,
                      struct um_record_mac **out);
void um_record_mac_free(struct um_record_mac *mac);

/* Splits the MAC off the end; false when there are too few bytes. */
bool um_record_mac_split(const struct um_record_mac *mac, struct um_span *bytes,
                         struct um_span *made);

/*
 * The number with which a record of these bytes has the MAC `made`. 0, UM_CRYPTO_FORGED (none of
 * those that could be tried), UM_ERR_NOMEM. When nothing is verified every record of the right
 * version is taken for one, and if some may be missing, for the second of the range.
 */
int um_record_mac_find(const struct um_record_mac *mac, const struct um_tls_record *record,
                       struct um_span bytes, struct um_span made, struct um_tls_numbers numbers,
                       uint64_t *found);

#endif
