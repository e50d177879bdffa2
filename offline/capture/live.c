/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waits with poll and never inside libpcap, so that a signal ends the waiting at once, or within
 * WAIT_MS when it came just before. Frames of an interface that is gone are an error of reading.
 */
#include "offline/capture/live.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SNAP_LEN = 262144,               /* bytes: larger than any packet, offloaded ones included */
    BUFFER_BYTES = 32 * 1024 * 1024, /* what the kernel keeps while we are busy */
    HAND_OVER_MS = 20,
    WAIT_MS = 200,
    LIST_MAX = 120,
};

struct um_live {
    pcap_t *pcap;
    int fd;
    struct um_interface interface;
    int64_t unit_ns; /* of the fraction of a second */
};

/* ---- opening ---- */

/* The names of the interfaces that can be captured from, as many as a line takes. */
static void
list_interfaces(char *out, size_t size)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_if_t *all = NULL;
    size_t len = 0;
    out[0] = '\0';
    if (pcap_findalldevs(&all, why) != 0)
        return;
    for (const pcap_if_t *one = all; one; one = one->next) {
        size_t more = strlen(one->name) + 2;
        bool is_network = !strchr(one->name, ':') && strncmp(one->name, "nf", 2) != 0 &&
                          strncmp(one->name, "usbmon", 6) != 0 &&
                          strncmp(one->name, "dbus", 4) != 0 &&
                          strncmp(one->name, "bluetooth", 9) != 0;
        if (!is_network || len + more >= size)
            continue;
        (void)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", one->name);
        len = strlen(out);
    }
    pcap_freealldevs(all);
}

static int
tell_no_such(struct um_trouble *trouble)
{
    char names[LIST_MAX];
    list_interfaces(names, sizeof names);
    um_trouble_say(trouble, false, "there is no such interface%s%s",
                   names[0] ? "; there are: " : ", and none that you may capture from", names);
    return UM_ERR_IO;
}

static int
tell_refused(pcap_t *pcap, int result, struct um_trouble *trouble)
{
    switch (result) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return tell_no_such(trouble);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        um_trouble_say(trouble, false,
                       "you may not capture; run it with sudo, or once: "
                       "setcap cap_net_raw+ep on the program");
        return UM_ERR_IO;
    case PCAP_ERROR_IFACE_NOT_UP:
        um_trouble_say(trouble, false, "the interface is down");
        return UM_ERR_IO;
    default:
        um_trouble_say(trouble, false, "%s", pcap_geterr(pcap));
        return UM_ERR_IO;
    }
}

/*
 * What cannot be had is left as it is: every packet comes, only later or with coarser times.
 *
 * libpcap's immediate mode is not asked for: on Linux it gives every packet a slot as large as the
 * largest (64 KB on loopback, 256 KB behind a card that joins segments), of which a buffer holds a
 * few hundred. Without it packets lie close together, and are handed over this often.
 */
static int
activate(pcap_t *pcap)
{
    (void)pcap_set_snaplen(pcap, SNAP_LEN);
    (void)pcap_set_promisc(pcap, 1);
    (void)pcap_set_timeout(pcap, HAND_OVER_MS);
    (void)pcap_set_buffer_size(pcap, BUFFER_BYTES);
    (void)pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    return pcap_activate(pcap);
}

/* The numbers of libpcap for link types are those of files but for a few. */
static uint32_t
link_type_of(pcap_t *pcap)
{
    int dlt = pcap_datalink(pcap);
    return dlt == DLT_RAW ? 101 : (uint32_t)dlt;
}

/* A filter that this link type cannot have matches nothing; that is left to who asks it again. */
static void
filter_in_kernel(pcap_t *pcap, const char *expression)
{
    struct bpf_program code;
    if (pcap_compile(pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return;
    (void)pcap_setfilter(pcap, &code);
    pcap_freecode(&code);
}

static int
start(struct um_live *live, const char *interface, const char *filter, struct um_trouble *trouble)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    live->pcap = pcap_create(interface, why);
    if (!live->pcap) {
        um_trouble_say(trouble, false, "%s", why);
        return UM_ERR_IO;
    }
    int result = activate(live->pcap);
    if (result < 0)
        return tell_refused(live->pcap, result, trouble);
    if (filter)
        filter_in_kernel(live->pcap, filter);
    live->fd = pcap_get_selectable_fd(live->pcap);
    live->unit_ns = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    live->interface = (struct um_interface){.link_type = link_type_of(live->pcap),
                                            .snap_len = SNAP_LEN,
                                            .resolution = live->unit_ns == 1 ? 9 : 6};
    if (live->fd >= 0 && pcap_setnonblock(live->pcap, 1, why) == 0)
        return UM_OK;
    um_trouble_say(trouble, false, "cannot be waited for%s%s", why[0] ? ": " : "", why);
    return UM_ERR_IO;
}

int
um_live_open(const char *interface, const char *filter, struct um_trouble *trouble,
             struct um_live **out)
{
    struct um_live *live = calloc(1, sizeof *live);
    if (!live)
        return UM_ERR_NOMEM;
    int err = start(live, interface, filter, trouble);
    if (err)
        um_live_free(live);
    else
        *out = live;
    return err;
}

void
um_live_free(struct um_live *live)
{
    if (!live)
        return;
    if (live->pcap)
        pcap_close(live->pcap);
    free(live);
}

/* ---- reading ---- */

static void
fill_packet(const struct um_live *live, const struct pcap_pkthdr *header, const uint8_t *bytes,
            struct um_packet *out)
{
    int64_t fraction_ns = (int64_t)header->ts.tv_usec * live->unit_ns;
    int64_t time_ns = (int64_t)header->ts.tv_sec * 1000000000 + fraction_ns;
    out->bytes = um_span_of(bytes, header->caplen);
    out->wire_len = header->len < header->caplen ? header->caplen : header->len;
    out->link_type = live->interface.link_type;
    out->mark.time_ns = time_ns;
    out->units = (uint64_t)(time_ns / live->unit_ns);
    out->interface = &live->interface;
}

/* Not inlined: the packets of pcap files would save the registers that it needs. */
__attribute__((noinline)) int
um_live_next(struct um_live *live, const volatile sig_atomic_t *stop, struct um_trouble *trouble,
             struct um_packet *out)
{
    while (!stop || !*stop) {
        struct pcap_pkthdr *header;
        const uint8_t *bytes;
        int got = pcap_next_ex(live->pcap, &header, &bytes);
        if (got == 1) {
            fill_packet(live, header, bytes, out);
            return 1;
        }
        if (got < 0) {
            um_trouble_say(trouble, false, "%s", pcap_geterr(live->pcap));
            return UM_ERR_IO;
        }
        struct pollfd wait = {.fd = live->fd, .events = POLLIN};
        (void)poll(&wait, 1, WAIT_MS); /* interrupted: looks at `stop` */
    }
    return 0;
}

struct um_live_drops
um_live_drops(const struct um_live *live)
{
    struct pcap_stat stats = {0};
    if (pcap_stats(live->pcap, &stats) != 0)
        return (struct um_live_drops){0};
    return (struct um_live_drops){.kernel = stats.ps_drop, .interface = stats.ps_ifdrop};
}
