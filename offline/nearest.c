/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The distance of Damerau and Levenshtein with swaps of neighbours only: a table of three rows. */
#include "offline/nearest.h"

#include <string.h>

enum { WORD_MAX = 31 };

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
um_nearest_distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1] = {{0}}; /* of the letter before last, the last, this one */
    size_t a_len = strnlen(a, WORD_MAX), b_len = strnlen(b, WORD_MAX);
    for (size_t k = 0; k <= b_len; k++)
        rows[2][k] = k;
    for (size_t i = 1; i <= a_len; i++) {
        memmove(rows[0], rows[1], 2 * sizeof rows[0]);
        rows[2][0] = i;
        for (size_t k = 1; k <= b_len; k++) {
            size_t change = rows[1][k - 1] + (a[i - 1] != b[k - 1] ? 1 : 0);
            rows[2][k] = least(change, least(rows[1][k], rows[2][k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                rows[2][k] = least(rows[2][k], rows[0][k - 2] + 1);
        }
    }
    return rows[2][b_len];
}

bool
um_nearest_is_slip(const char *word, const char *meant)
{
    size_t wrong = um_nearest_distance(word, meant);
    return 3 * wrong <= strlen(meant) + 1;
}
