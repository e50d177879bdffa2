/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small cache of compiled programs, one for a link type. libpcap compiles for its own DLT_
 * numbers, which are those of the files (LINKTYPE_) but for a few.
 */
#include "offline/capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "offline/capture/filter_hint.h"

enum { PROGRAMS_MAX = 16, SNAP_LEN = 262144, HINT_MAX = 160 };

struct program {
    uint32_t link_type;
    bool is_compiled; /* no: nothing matches */
    struct bpf_program code;
};

struct um_filter {
    char *expression;
    struct program programs[PROGRAMS_MAX];
    size_t count;         /* in use */
    size_t next;          /* the one to give up when all are */
    struct program *last; /* the one used last; NULL: none yet */
};

static int
link_type_to_dlt(uint32_t link_type)
{
    switch (link_type) {
    case 14: /* what OpenBSD writes */
    case 101:
        return DLT_RAW;
    case 100:
        return DLT_ATM_RFC1483;
    case 102:
        return DLT_SLIP_BSDOS;
    case 103:
        return DLT_PPP_BSDOS;
    case 106:
        return DLT_ATM_CLIP;
    case 108:
        return DLT_LOOP;
    default:
        return (int)(link_type & 0xffff);
    }
}

/* 0, UM_ERR_NOMEM, or UM_ERR_USAGE and, unless `why` is NULL, libpcap's words. */
static int
compile(const char *expression, uint32_t link_type, struct bpf_program *code, char **why)
{
    pcap_t *pcap = pcap_open_dead(link_type_to_dlt(link_type), SNAP_LEN);
    if (!pcap)
        return UM_ERR_NOMEM;
    int err = UM_OK;
    if (pcap_compile(pcap, code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        err = UM_ERR_USAGE;
        if (why)
            *why = strdup(pcap_geterr(pcap));
    }
    pcap_close(pcap);
    return err;
}

/* ---- refusals ---- */

/* Says what is wanted of somebody who wrote a display filter. */
static void
add_hint(const char *expression, char **why)
{
    char meant[HINT_MAX];
    if (!*why || !um_filter_hint(expression, meant, sizeof meant))
        return;
    bool has_meant = meant[0] != '\0';
    char *longer = NULL;
    if (asprintf(&longer,
                 "%s; this is a display filter of Wireshark, but here is the syntax of capture "
                 "filters (pcap-filter)%s%s%s",
                 *why, has_meant ? ": write \"" : ", e.g. \"tcp port 80\"", meant,
                 has_meant ? "\"" : "") < 0)
        return;
    free(*why);
    *why = longer;
}

/* Good for Ethernet, or else for 802.11, Linux cooked or raw IP; the refusal told is Ethernet's. */
static int
check(const char *expression, char **why)
{
    static const uint32_t link_types[] = {1, 127, 113, 101};
    int err = UM_OK;
    *why = NULL;
    for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++) {
        struct bpf_program code;
        err = compile(expression, link_types[i], &code, i == 0 ? why : NULL);
        if (!err) {
            pcap_freecode(&code);
            free(*why);
            *why = NULL;
            return UM_OK;
        }
        if (err != UM_ERR_USAGE)
            break;
    }
    add_hint(expression, why);
    return err;
}

/* ---- the door ---- */

int
um_filter_new(const char *expression, struct um_filter **out, char **why)
{
    char *refusal;
    int err = check(expression, &refusal);
    if (err == UM_ERR_USAGE)
        *why = refusal;
    else
        free(refusal);
    if (err)
        return err;
    size_t size = strlen(expression) + 1;
    struct um_filter *filter = calloc(1, sizeof *filter);
    char *copy = malloc(size);
    if (!filter || !copy) {
        free(filter);
        free(copy);
        return UM_ERR_NOMEM;
    }
    memcpy(copy, expression, size);
    filter->expression = copy;
    *out = filter;
    return UM_OK;
}

void
um_filter_free(struct um_filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].is_compiled)
            pcap_freecode(&filter->programs[i].code);
    }
    free(filter->expression);
    free(filter);
}

/* A free place, or that of the program that was compiled first. */
static struct program *
make_room(struct um_filter *filter)
{
    if (filter->count < PROGRAMS_MAX)
        return &filter->programs[filter->count++];
    struct program *program = &filter->programs[filter->next];
    filter->next = (filter->next + 1) % PROGRAMS_MAX;
    if (program->is_compiled)
        pcap_freecode(&program->code);
    return program;
}

static struct program *
find_program(struct um_filter *filter, uint32_t link_type)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].link_type == link_type)
            return &filter->programs[i];
    }
    struct program *program = make_room(filter);
    program->link_type = link_type;
    program->is_compiled = compile(filter->expression, link_type, &program->code, NULL) == UM_OK;
    return program;
}

bool
um_filter_match(struct um_filter *filter, const struct um_packet *packet)
{
    if (!filter->last || filter->last->link_type != packet->link_type)
        filter->last = find_program(filter, packet->link_type);
    if (!filter->last->is_compiled)
        return false;
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)packet->bytes.len, .len = packet->wire_len};
    return pcap_offline_filter(&filter->last->code, &header, packet->bytes.data) != 0;
}
