/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sequence number of a record, which is not on the wire: as it is sealed with it, and where it
 * is looked for behind records that are missing. */
#ifndef UM_TLS_NUMBERS_H
#define UM_TLS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UM_TLS_NUMBER_BYTES = 8 };

static inline void
um_tls_number_put(uint8_t out[UM_TLS_NUMBER_BYTES], uint64_t number)
{
    for (int i = 0; i < UM_TLS_NUMBER_BYTES; i++)
        out[i] = (uint8_t)(number >> (56 - 8 * i));
}

/* The numbers that a record may have. */
struct um_tls_numbers {
    uint64_t first, last;
    uint64_t *bytes_left; /* of ciphertext that may be gone through in vain behind the first; less
                             what was, 0 when that was too few for all of the range */
};

/* May so many bytes more be gone through in vain? */
static inline bool
um_tls_numbers_spend(const struct um_tls_numbers *numbers, size_t bytes)
{
    bool has_more = *numbers->bytes_left >= bytes;
    *numbers->bytes_left -= has_more ? bytes : *numbers->bytes_left;
    return has_more;
}

#endif
