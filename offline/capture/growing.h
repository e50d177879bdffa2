/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is read while somebody else writes it: its end is the end only when nobody does any
 * more. Linux tells that by a lease for reading, which it gives to the file's owner (and root) when
 * nobody has the file open for writing. Whoever cannot have a lease waits when the file was written
 * to a moment ago, and then for ever.
 */
#ifndef UM_CAPTURE_GROWING_H
#define UM_CAPTURE_GROWING_H

#include <stdint.h>

#include "core/base/err.h"
#include "offline/capture/trouble.h"

struct um_growing {
    bool is_on; /* set to true before the first call; false: nobody writes it any more */
    bool is_guessed;
};

/*
 * Called when `fd`, a regular file open for reading alone, has no more bytes than the `taken` that
 * were read: finds out whether it may get some, and if so waits a moment. 0, also when it is over:
 * what was written last may then still be there to be read. UM_ERR_IO and the trouble is said when
 * it is shorter than that: it was written anew.
 */
int um_growing_wait(struct um_growing *growing, int fd, uint64_t taken, struct um_trouble *trouble);

#endif
