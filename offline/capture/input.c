/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recognises the format by the first bytes, and says of a stranger what it is, if that is known. */
#include "offline/capture/input.h"

enum { MAGIC_BYTES = 4, STRANGER_BYTES = 76 };

#define EDITCAP ": editcap -F pcapng IN OUT makes it readable"

/* What people take for a capture, by bytes at its beginning or, of a trace of Windows, behind the
 * header of its first buffer: a header's version, its kind, its mark. */
static const struct stranger {
    const char *magic;
    size_t len;
    size_t at;
    const char *name;
} strangers[] = {
    {"GMBU", 4, 0, "a Network Monitor capture" EDITCAP},
    {"RTSS", 4, 0, "a Network Monitor capture" EDITCAP},
    {"snoop", 5, 0, "a snoop capture" EDITCAP},
    {"iptrace ", 8, 0, "an iptrace capture of AIX" EDITCAP},
    {"TRSNIFF", 7, 0, "a Sniffer capture" EDITCAP},
    {"XCP\0", 4, 0, "a Sniffer capture" EDITCAP},
    {"TR\0d\0", 5, 0, "a nettl capture of HP-UX" EDITCAP},
    {"\x7fver", 4, 0, "an OmniPeek capture" EDITCAP},
    {"ObserverPktBuffer", 17, 0, "an Observer capture" EDITCAP},
    {"\5VNF", 4, 0, "a Visual Networks capture" EDITCAP},
    {"\xaa\xaa\xaa\xaa", 4, 0, "a 5View capture" EDITCAP},
    {"\1\x10\x4c\0\1\5Trace", 11, 0, "a LANalyzer capture" EDITCAP},
    {"\2\0\1\xc0", 4, 72, "a trace of Windows: etl2pcapng IN OUT makes it readable"},
    {"\2\0\2\xc0", 4, 72, "a trace of Windows: etl2pcapng IN OUT makes it readable"},
    {"BZh", 3, 0, "compressed with bzip2; decompress it first"},
    {"\3757zX", 4, 0, "compressed with xz; decompress it first"},
    {"\x04\x22\x4d\x18", 4, 0, "compressed with lz4; decompress it first"},
    {"PK\x03\x04", 4, 0, "a zip archive; unpack it first"},
};

/* The bytes of a stranger are not shown as text. */
static void
say_stranger(struct um_input *input, struct um_span head)
{
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        const struct stranger *stranger = &strangers[i];
        struct um_span place = um_span_from(head, stranger->at);
        if (um_span_starts(place, um_span_of(stranger->magic, stranger->len))) {
            um_trouble_say(&input->trouble, false, "is %s", stranger->name);
            return;
        }
    }
    um_trouble_say(&input->trouble, false, "is not a capture: begins with %02x %02x %02x %02x",
                   head.data[0], head.data[1], head.data[2], head.data[3]);
}

static int
start_format(struct um_input *input)
{
    struct um_reader *reader = &input->reader;
    int got = um_reader_need(reader, MAGIC_BYTES);
    if (got == 0 && um_reader_left(reader) == 0)
        um_trouble_say(&input->trouble, false, "is empty");
    else if (got == 0)
        got = um_reader_cut(reader, "the file header", 0);
    if (got <= 0)
        return got;
    input->is_pcapng = um_pcapng_begins(um_reader_span(reader));
    if (input->is_pcapng)
        return 1;
    got = um_pcap_start(&input->pcap, reader);
    input->is_pcap = got > 0;
    if (got != 0)
        return got;
    got = um_reader_need(reader, STRANGER_BYTES);
    if (got >= 0)
        say_stranger(input, um_reader_span(reader));
    return got < 0 ? got : 0;
}

/* Trouble that was said is the end of this input, not of the work. */
static int
end_on_trouble(int got)
{
    return got == UM_ERR_FORMAT || got == UM_ERR_IO ? 0 : got;
}

int
um_input_open(struct um_input *input, const char *path, const struct um_input_options *options)
{
    int err =
        um_source_open(path, options->stop, options->follows, &input->trouble, &input->source);
    if (!err)
        err = um_reader_init(&input->reader, input->source, &input->trouble, options->sizes);
    input->pcapng.secrets = options->secrets;
    input->pcapng.secrets_ctx = options->secrets_ctx;
    return end_on_trouble(err ? err : start_format(input));
}

int
um_input_open_live(struct um_input *input, const char *interface, const char *filter)
{
    int err = um_live_open(interface, filter, &input->trouble, &input->live);
    return err ? end_on_trouble(err) : 1;
}

void
um_input_close(struct um_input *input)
{
    um_live_free(input->live);
    input->live = NULL;
    um_pcapng_done(&input->pcapng);
    um_reader_done(&input->reader);
    um_source_free(input->source);
    input->source = NULL;
    input->is_pcap = input->is_pcapng = false;
}

uint64_t
um_input_taken(const struct um_input *input)
{
    return input->source ? um_reader_taken(&input->reader) : 0;
}

/* The file's bytes are gone: what stands in their place is neither a packet nor damage. */
static int
say_broken(struct um_input *input)
{
    input->trouble = (struct um_trouble){0};
    um_trouble_say(&input->trouble, true, "became shorter, or its disk failed, while it was read");
    return 0;
}

int
um_input_next(struct um_input *input, struct um_packet *out)
{
    if (input->live)
        return end_on_trouble(um_live_next(input->live, input->stop, &input->trouble, out));
    int got = input->is_pcapng ? um_pcapng_next(&input->pcapng, &input->reader, out)
                               : um_pcap_next(&input->pcap, &input->reader, out);
    return input->reader.window.is_broken ? say_broken(input) : end_on_trouble(got);
}
