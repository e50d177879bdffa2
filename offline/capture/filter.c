/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A compiled program for each link type, found by a look through a short list. */
#include "offline/capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRAMS_MAX = 64, SNAP_LEN = 262144 };

struct program {
    uint32_t link_type;
    bool is_compiled;
    struct bpf_program code;
};

struct um_filter {
    char *expression;
    struct program programs[PROGRAMS_MAX];
    size_t count;
};

/* Values of LINKTYPE_ that libpcap knows under another number, on Linux. */
static int
dlt_of(uint32_t link_type)
{
    return link_type == 101 ? DLT_RAW : (int)link_type;
}

/* Compiles for one link type; `why`, when not NULL, gets libpcap's words (to be freed). */
static bool
compile(struct program *program, const char *expression, char **why)
{
    pcap_t *handle = pcap_open_dead(dlt_of(program->link_type), SNAP_LEN);
    if (!handle)
        return false;
    program->is_compiled =
        pcap_compile(handle, &program->code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!program->is_compiled && why)
        *why = strdup(pcap_geterr(handle));
    pcap_close(handle);
    return program->is_compiled;
}

/* People who live in Wireshark write its display filters here. */
static bool
looks_like_display_filter(const char *expression)
{
    static const char *const signs[] = {"==",     "http.", "tcp.", "ip.",
                                        "frame.", "umws",  "&& !", "eq "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (strstr(expression, signs[i]))
            return true;
    }
    return false;
}

static char *
explain(const char *expression, char *why)
{
    char *text = NULL;
    const char *hint = looks_like_display_filter(expression)
                           ? " (this reads like a Wireshark display filter; capture filters are "
                             "written like \"tcp port 80 and host 10.0.0.1\")"
                           : "";
    int len = asprintf(&text, "%s%s", why ? why : "not understood", hint);
    free(why);
    return len < 0 ? NULL : text;
}

int
um_filter_new(const char *expression, struct um_filter **out, char **why)
{
    struct um_filter *filter = calloc(1, sizeof *filter);
    char *copy = strdup(expression);
    if (!filter || !copy) {
        free(filter);
        free(copy);
        return UM_ERR_NOMEM;
    }
    filter->expression = copy;
    filter->programs[0].link_type = DLT_EN10MB;
    filter->count = 1;
    char *said = NULL;
    if (!compile(&filter->programs[0], expression, &said)) {
        *why = explain(expression, said);
        um_filter_free(filter);
        return UM_ERR_USAGE;
    }
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

static const struct program *
program_for(struct um_filter *filter, uint32_t link_type)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].link_type == link_type)
            return &filter->programs[i];
    }
    if (filter->count == PROGRAMS_MAX)
        return NULL;
    struct program *program = &filter->programs[filter->count++];
    program->link_type = link_type;
    (void)compile(program, filter->expression, NULL);
    return program;
}

bool
um_filter_match(struct um_filter *filter, const struct um_packet *packet)
{
    const struct program *program = program_for(filter, packet->link_type);
    if (!program || !program->is_compiled)
        return false;
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)packet->bytes.len, .len = packet->wire_len};
    return pcap_offline_filter(&program->code, &header, packet->bytes.data) != 0;
}
