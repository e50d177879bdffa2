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

/* What a search may cost, and did. */
struct um_tls_search {
    uint64_t bytes_left; /* of ciphertext that may still be gone through */
    bool is_cut_short;   /* they were too few to try all numbers */
};

/* The numbers that a record may have. Those behind the first are searched. */
struct um_tls_numbers {
    uint64_t first, last;
    struct um_tls_search *search;
};

/* May so many bytes more be gone through? */
static inline bool
um_tls_numbers_spend(const struct um_tls_numbers *numbers, size_t bytes)
{
    struct um_tls_search *search = numbers->search;
    search->is_cut_short = search->bytes_left < bytes;
    search->bytes_left -= search->is_cut_short ? 0 : bytes;
    return !search->is_cut_short;
}

#endif
