/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes captures of any size for `./dev bench`, and beside each the truth: one line a call, then
 * one line of counts, as JSON. The same arguments give the same bytes on every machine.
 *
 *     um_bench_gen MODE BYTES CAPTURE TRUTH [KEYS]
 *
 * mixed     nine tenths bulk transfers, a tenth web pages, and a hundredth a mailbox and its calls
 * soapy     mailboxes alone; a tenth of the clients follow calls
 * messy     the same with segments lost and sent again, late, twice, overlapping; chunked and
 *           compressed bodies; nothing is missing for good
 * mirror    messy, and what is acknowledged is often captured later than its acknowledgement
 * lossy     soapy, and one segment of a thousand was never captured
 * smallpkt  scans and conversations of a few bytes, in as many connections as fit
 * tls       web pages, encrypted
 *
 * These need KEYS, where their TLS secrets go as a key log:
 *
 * tls12-keys        what mixed holds, all of it in TLS 1.2 with AES-128-GCM
 * tls12-keys-large  the same in segments of up to 64 KB, as a server's own capture has them
 * tls12-keys-soapy  soapy, all of it in TLS 1.2
 * tls12-keys-few    the same with 40 mailboxes instead of 500
 * tls12-keys-polls  polls alone of 40 mailboxes, one to eight a connection
 * tls13-keys        as tls12-keys, in TLS 1.3
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gen/actor.h"

enum { GROUPS_MAX = 3 };

/* Slots that talk in the same manner, and their share of the bytes. */
struct group {
    enum um_actor_kind kind, other_kind;
    uint32_t other_permille; /* connections that are of the other kind */
    uint32_t slots, share;
    uint32_t polling_permille; /* slots that follow calls */
    uint32_t poll_permille;    /* of their requests */
};

struct mode {
    const char *name;
    struct group groups[GROUPS_MAX];
    struct um_trouble trouble;
    uint32_t gzip_permille, chunked_permille;
    enum um_seal_version tls;
    size_t segment_bytes;  /* 0: what fits an Ethernet frame */
    uint32_t requests_max; /* of a mailbox on one connection; 0: many */
};

enum { SEGMENT_BYTES = 1448, LARGE_SEGMENT_BYTES = 64000 };

#define MAILBOXES_OF(slots)                                                                        \
    {                                                                                              \
        UM_ACTOR_SOAP, UM_ACTOR_SOAP, 0, (slots), 1, 100, 500                                      \
    }
#define MAILBOXES MAILBOXES_OF(500)
/* As in mixed, but for bulk transfers that nobody can look into. */
#define READABLE                                                                                   \
    {UM_ACTOR_BULK, UM_ACTOR_DOWNLOAD, 1000, 40, 90, 0, 0},                                        \
        {UM_ACTOR_WEB, UM_ACTOR_WEB, 0, 100, 9, 0, 0},                                             \
    {                                                                                              \
        UM_ACTOR_SOAP, UM_ACTOR_SOAP, 0, 20, 1, 1000, 900                                          \
    }
#define TROUBLE .lost = 10, .late = 10, .twice = 5, .overlap = 5

static const struct mode modes[] = {
    {.name = "mixed",
     .groups = {{UM_ACTOR_BULK, UM_ACTOR_DOWNLOAD, 125, 40, 90, 0, 0},
                {UM_ACTOR_WEB, UM_ACTOR_WEB, 0, 100, 9, 0, 0},
                {UM_ACTOR_SOAP, UM_ACTOR_SOAP, 0, 20, 1, 1000, 900}}},
    {.name = "soapy", .groups = {MAILBOXES}},
    {.name = "messy",
     .groups = {MAILBOXES},
     .trouble = {TROUBLE},
     .gzip_permille = 450,
     .chunked_permille = 450},
    {.name = "mirror",
     .groups = {MAILBOXES},
     .trouble = {TROUBLE, .acks_ahead = true},
     .gzip_permille = 450,
     .chunked_permille = 450},
    {.name = "lossy", .groups = {MAILBOXES}, .trouble = {.gone = 1}},
    {.name = "smallpkt", .groups = {{UM_ACTOR_CHAT, UM_ACTOR_SCAN, 500, 65536, 1, 0, 0}}},
    {.name = "tls", .groups = {{UM_ACTOR_TLS, UM_ACTOR_TLS, 0, 200, 1, 0, 0}}},
    {.name = "tls12-keys", .groups = {READABLE}, .tls = UM_SEAL_TLS12},
    {.name = "tls12-keys-large",
     .groups = {READABLE},
     .tls = UM_SEAL_TLS12,
     .segment_bytes = LARGE_SEGMENT_BYTES},
    {.name = "tls12-keys-soapy", .groups = {MAILBOXES}, .tls = UM_SEAL_TLS12},
    {.name = "tls12-keys-few", .groups = {MAILBOXES_OF(40)}, .tls = UM_SEAL_TLS12},
    {.name = "tls12-keys-polls",
     .groups = {{UM_ACTOR_SOAP, UM_ACTOR_SOAP, 0, 40, 1, 1000, 1000}},
     .tls = UM_SEAL_TLS12,
     .requests_max = 8},
    {.name = "tls13-keys", .groups = {READABLE}, .tls = UM_SEAL_TLS13},
};

struct crowd {
    const struct group *group;
    struct um_actor *actors;
    uint32_t first_slot, alive;
    uint64_t bytes;
};

static void
gather(struct crowd *crowd, const struct group *group, uint32_t first_slot)
{
    *crowd = (struct crowd){.group = group, .first_slot = first_slot};
    crowd->actors = um_text_alloc(group->slots * sizeof *crowd->actors);
    for (uint32_t i = 0; i < group->slots; i++) {
        bool polls = i * 1000 < group->polling_permille * group->slots;
        crowd->actors[i].poll_permille = polls ? group->poll_permille : 0;
    }
}

static void
start_actor(struct um_actor_world *world, struct crowd *crowd, uint32_t slot)
{
    const struct group *group = crowd->group;
    bool is_other = um_dice_permille(world->flows.dice, group->other_permille);
    um_actor_start(world, &crowd->actors[slot], is_other ? group->other_kind : group->kind,
                   crowd->first_slot + slot);
    crowd->alive++;
}

/* Some steps of one slot of the crowd; near the end only of those that have something to end. */
static void
step_crowd(struct um_actor_world *world, struct crowd *crowd)
{
    uint32_t slot = um_dice_between(world->flows.dice, 0, crowd->group->slots - 1);
    while (world->is_ending && !crowd->actors[slot].is_alive)
        slot = (slot + 1) % crowd->group->slots;
    struct um_actor *actor = &crowd->actors[slot];
    uint64_t before = world->flows.wire->bytes;
    uint32_t steps = um_dice_between(world->flows.dice, 1, 8);
    if (!actor->is_alive)
        start_actor(world, crowd, slot);
    for (; steps > 0 && actor->is_alive; steps--)
        um_actor_step(world, actor);
    crowd->alive -= !actor->is_alive;
    crowd->bytes += world->flows.wire->bytes - before;
}

/* The crowd that has had least of its share. */
static struct crowd *
next_crowd(struct crowd *crowds, size_t count)
{
    assert(count > 0); /* every mode has a group */
    struct crowd *least = &crowds[0];
    for (size_t i = 1; i < count; i++) {
        if (crowds[i].bytes * least->group->share < least->bytes * crowds[i].group->share)
            least = &crowds[i];
    }
    return least;
}

/* Bulk transfers are cut by the end of the capture; whoever waits for a reply gets it. */
static void
run(struct um_actor_world *world, struct crowd *crowds, size_t count, uint64_t target_bytes)
{
    while (world->flows.wire->bytes < target_bytes)
        step_crowd(world, next_crowd(crowds, count));
    world->is_ending = true;
    for (size_t i = 0; i < count; i++) {
        while (crowds[i].group->kind != UM_ACTOR_BULK && crowds[i].alive > 0)
            step_crowd(world, &crowds[i]);
        for (uint32_t k = 0; k < crowds[i].group->slots; k++)
            um_actor_tell_call(world, &crowds[i].actors[k]);
    }
}

static void
tell_counts(const struct um_actor_world *world)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"packets", world->flows.wire->packets},
        {"bytes", world->flows.wire->bytes},
        {"connections", world->connections},
        {"requests", world->requests},
        {"replies", world->replies},
        {"polls", world->polls},
        {"poll_replies", world->poll_replies},
        {"hit_polls", world->hit_polls},
        {"calls", world->calls},
        {"lost", world->flows.lost},
        {"late", world->flows.late},
        {"twice", world->flows.twice},
        {"overlaps", world->flows.overlaps},
        {"gone", world->flows.gone},
        {"gone_bytes", world->flows.gone_bytes},
        {"tls_connections", world->tls_connections},
        {"said", world->flows.said},
        {"records", world->records},
        {"record_bytes", world->record_bytes},
    };
    (void)fprintf(world->truth, "{");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        (void)fprintf(world->truth, "%s\"%s\": %" PRIu64, i > 0 ? ", " : "", counts[i].name,
                      counts[i].count);
    (void)fprintf(world->truth, "}\n");
}

static const struct mode *
find_mode(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    }
    return NULL;
}

static void
make(const struct mode *mode, uint64_t bytes, const char *capture, FILE *truth, FILE *keys)
{
    struct um_dice dice;
    struct um_wire wire;
    struct crowd crowds[GROUPS_MAX] = {0};
    size_t count = 0;
    uint32_t slots = 0;
    struct um_actor_world world = {
        .flows = {.wire = &wire,
                  .dice = &dice,
                  .trouble = mode->trouble,
                  .segment_bytes = mode->segment_bytes ? mode->segment_bytes : SEGMENT_BYTES},
        .gzip_permille = mode->gzip_permille,
        .chunked_permille = mode->chunked_permille,
        .tls = mode->tls,
        .requests_max = mode->requests_max,
        .truth = truth,
        .keys = keys};
    um_dice_seed(&dice, 1);
    um_bodies_make(&world.bodies, &dice);
    um_wire_open(&wire, capture);
    for (; count < GROUPS_MAX && mode->groups[count].slots > 0; count++) {
        gather(&crowds[count], &mode->groups[count], slots);
        slots += mode->groups[count].slots;
    }
    run(&world, crowds, count, bytes);
    um_wire_close(&wire);
    tell_counts(&world);
}

static FILE *
open_file(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

int
main(int argc, char **argv)
{
    const struct mode *mode = argc == 5 || argc == 6 ? find_mode(argv[1]) : NULL;
    char *end = NULL;
    uint64_t bytes = mode ? strtoull(argv[2], &end, 10) : 0;
    if (!mode || *end || bytes == 0 || (mode->tls != UM_SEAL_NONE) != (argc == 6)) {
        (void)fputs("usage: um_bench_gen MODE BYTES CAPTURE TRUTH [KEYS]\n", stderr);
        return 2;
    }
    FILE *truth = open_file(argv[4]), *keys = argc == 6 ? open_file(argv[5]) : NULL;
    make(mode, bytes, argv[3], truth, keys);
    bool is_written = fclose(truth) == 0;
    if (keys)
        is_written &= fclose(keys) == 0;
    return is_written ? 0 : 1;
}
