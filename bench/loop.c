/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The yardstick: what libpcap needs to hand over each packet of a file to a callback that does
 * nothing but look at it. */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

struct seen {
    uint64_t packets, bytes, touched;
};

static void
take(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct seen *seen = (struct seen *)(void *)user;
    seen->packets++;
    seen->bytes += header->caplen;
    if (header->caplen > 33)
        seen->touched += bytes[12] + bytes[33];
}

int
main(int argc, char **argv)
{
    char why[PCAP_ERRBUF_SIZE] = "usage: um_bench_loop CAPTURE";
    struct seen seen = {0};
    pcap_t *capture = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;
    if (!capture) {
        (void)fprintf(stderr, "%s\n", why);
        return 1;
    }
    int result = pcap_loop(capture, -1, take, (u_char *)&seen);
    pcap_close(capture);
    (void)printf("%" PRIu64 " packets, %" PRIu64 " bytes (%" PRIu64 ")\n", seen.packets, seen.bytes,
                 seen.touched);
    return result == 0 ? 0 : 1;
}
