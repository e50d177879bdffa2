/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The leftmost stage: one or several capture files as one sequence of packets in time order.
 * pcap (both byte orders, us and ns, and the modified magics), pcapng (several sections and
 * interfaces, each with its own link type and time resolution), either of them in gzip or zstd,
 * from a file or from standard input ("-"). Reads blocks of 256 KB and looks at packets in place.
 * Does not decode packets.
 */
#ifndef UM_CAPTURE_CAPTURE_H
#define UM_CAPTURE_CAPTURE_H

#include <signal.h>

#include "core/base/err.h"
#include "offline/capture/live.h"
#include "offline/capture/packet.h"

struct um_capture;

/* What a capture was, so far. */
struct um_capture_stats {
    uint64_t packets;
    uint64_t bytes;       /* captured bytes of the packets */
    uint64_t wire_bytes;  /* their bytes on the wire */
    uint64_t cut_packets; /* shorter than on the wire: snap length */
    uint64_t first_cut_frame;
    uint64_t backwards; /* packets with a time before the one before them, in the same file */
    uint64_t first_backwards_frame;
    int64_t first_time_ns; /* least; valid when packets > 0 */
    int64_t last_time_ns;  /* greatest */
};

/* One input that could not be read, or not to its end. */
struct um_capture_problem {
    const char *path; /* as given */
    const char *text; /* one sentence without the path, e.g. "No such file or directory"; lives as
                         long as the capture */
    bool truncated;   /* ends inside a record; everything before it was read */
    uint64_t last_frame; /* last packet read from it; 0: none */
};

/*
 * Takes `count` paths, which must live as long as the capture; the files are opened by the first
 * um_capture_next, and many of them not all at once. Never fails because of a file: what cannot be
 * read is a problem (um_capture_problem), the others are read. 0 or UM_ERR_NOMEM.
 */
int um_capture_open(const char *const *paths, size_t count, struct um_capture **out);
void um_capture_free(struct um_capture *capture);

/*
 * The same of one network interface, which is opened here: afterwards no rights are needed. With
 * `filter` (NULL: none) the kernel may leave out packets that it does not let through. An interface
 * that cannot be opened is a problem.
 */
int um_capture_open_live(const char *const *interface, const char *filter, struct um_capture **out);

/* True while the interface is open: false when it could not be. */
bool um_capture_is_open(const struct um_capture *capture);

/* What an interface lost; all 0 for files. */
struct um_live_drops um_capture_drops(const struct um_capture *capture);

/* How far reading is: bytes of the files as they lie on the disk. */
struct um_capture_progress {
    uint64_t done;
    uint64_t total; /* 0: unknown, one of them is no regular file */
};
struct um_capture_progress um_capture_progress(const struct um_capture *capture);

/* When `*stop` becomes non-zero um_capture_next gives 0 as at the end, also when a signal handler
 * (installed without SA_RESTART) interrupts it waiting for a pipe. Set before the first packet. */
void um_capture_stop_on(struct um_capture *capture, const volatile sig_atomic_t *stop);

/* The last of the files ends only when nobody writes it any more (growing.h), if it is a regular
 * one under a name: um_capture_next waits at its end. Set before the first packet. */
void um_capture_follow(struct um_capture *capture);

/*
 * More of a file is seen at once from now on, which takes memory (window.h): for who goes through
 * much memory of his own with the packets. At any time.
 */
void um_capture_widen(struct um_capture *capture);

/*
 * Gets the secrets a pcapng carries (Decryption Secrets Block) with their type, 0x544c534b for a
 * TLS key log, before the packets behind them; those at the beginning of a file maybe twice.
 * `secrets` is valid during the call. 0 or UM_ERR_NOMEM, which um_capture_next passes up.
 */
typedef int (*um_capture_secrets_fn)(void *ctx, uint32_t type, struct um_span secrets);

/* Without it secrets are skipped. Set before the first packet. */
void um_capture_secrets_to(struct um_capture *capture, um_capture_secrets_fn secrets, void *ctx);

/*
 * The next packet: 1 and `*out`, valid until the next call; 0 at the end of all files, or
 * UM_ERR_NOMEM. Packets of one file keep the file's order; files are merged by time. Frames count
 * from 1 over all.
 */
int um_capture_next(struct um_capture *capture, const struct um_packet **out);

const struct um_capture_stats *um_capture_stats(const struct um_capture *capture);

/* The same of one file, by its place among the paths. */
const struct um_capture_stats *um_capture_file_stats(const struct um_capture *capture,
                                                     size_t index);

/* Problems in the order in which they were met; complete after um_capture_next gave 0. */
size_t um_capture_problem_count(const struct um_capture *capture);
const struct um_capture_problem *um_capture_problem(const struct um_capture *capture, size_t i);

#endif
