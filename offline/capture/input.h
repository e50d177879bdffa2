/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One capture file, whatever its format: source, reader and format under one roof; or a network
 * interface. Does not know of other files.
 */
#ifndef UM_CAPTURE_INPUT_H
#define UM_CAPTURE_INPUT_H

#include "offline/capture/live.h"
#include "offline/capture/pcap.h"
#include "offline/capture/pcapng.h"

/* How inputs are read. */
struct um_input_options {
    struct um_reader_sizes sizes;
    const volatile sig_atomic_t *stop; /* see um_capture_stop_on; NULL: never */
    bool follows;                      /* see um_capture_follow */
    um_capture_secrets_fn secrets;     /* see um_capture_secrets_to; NULL: skipped */
    void *secrets_ctx;
};

/* A zeroed struct um_input is a closed one. */
struct um_input {
    struct um_live *live;              /* NULL: a file */
    const volatile sig_atomic_t *stop; /* of a network interface; set before the first packet */
    struct um_source *source;
    struct um_reader reader;
    bool is_pcap, is_pcapng; /* neither: a network interface, or it could not be told */
    struct um_pcap pcap;     /* of the two, that of the format */
    struct um_pcapng pcapng;
    struct um_trouble trouble; /* why it ended; stays when it is closed */
};

/* Opens a closed input: 1; 0 and the trouble is said; UM_ERR_NOMEM. It must be closed either way.
 */
int um_input_open(struct um_input *input, const char *path, const struct um_input_options *options);

/* The same of a network interface, with a filter for the kernel or NULL. */
int um_input_open_live(struct um_input *input, const char *interface, const char *filter);

/* Bytes of the file that were read, as they lie there; 0 for a closed input. */
uint64_t um_input_taken(const struct um_input *input);

/* Frees everything but the trouble. */
void um_input_close(struct um_input *input);

/*
 * The next packet: 1 and `out` set but for the frame, valid until the next call; 0 at the end,
 * whatever ended it; UM_ERR_NOMEM.
 */
int um_input_next(struct um_input *input, struct um_packet *out);

/* The same in short, for nearly all packets of a pcap file; false: um_input_next is to be asked. */
static inline bool
um_input_take(struct um_input *input, struct um_packet *out)
{
    return input->is_pcap && um_pcap_take(&input->pcap, &input->reader, out) &&
           !input->reader.window.is_broken;
}

#endif
