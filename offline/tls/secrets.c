/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets lie in blocks, where they stay: nothing has to be copied and wiped when there are more. A
 * table with open addressing tells where; nothing is taken out of it.
 */
#include "offline/tls/secrets.h"

#include <stdlib.h>

enum {
    FIRST_SLOTS = 64,
    BLOCK_ENTRIES = 64,
    PREMASTER_ID_BYTES = 8,
    TRIES_MAX = 1 << 23, /* of a run: about a second */
};

struct entry {
    uint8_t label;
    uint8_t id_len;
    uint8_t secret_len;
    uint8_t id[UM_SECRET_ID_MAX];
    uint8_t secret[UM_SECRET_MAX];
};

struct block {
    struct entry entries[BLOCK_ENTRIES];
};

struct um_secrets {
    struct um_meter *meter;
    uint64_t metered_bytes;
    uint32_t *slots;   /* the number of an entry, from 1 on; 0: free */
    size_t slot_count; /* a power of two, or 0 */
    struct block **blocks;
    size_t block_count;
    size_t used;
    uint64_t counts[UM_SECRET_COUNT];
    uint64_t dropped;
    uint64_t tries_left;
    struct um_rsa **keys;
    size_t key_count;
};

int
um_secrets_new(struct um_meter *meter, struct um_secrets **out)
{
    struct um_secrets *secrets = calloc(1, sizeof *secrets);
    if (!secrets)
        return UM_ERR_NOMEM;
    secrets->meter = meter;
    secrets->tries_left = TRIES_MAX;
    *out = secrets;
    return UM_OK;
}

void
um_secrets_free(struct um_secrets *secrets)
{
    if (!secrets)
        return;
    um_meter_give(secrets->meter, secrets->metered_bytes);
    for (size_t i = 0; i < secrets->block_count; i++) {
        um_crypto_wipe(secrets->blocks[i], sizeof(struct block));
        free(secrets->blocks[i]);
    }
    free(secrets->blocks);
    free(secrets->slots);
    for (size_t i = 0; i < secrets->key_count; i++)
        um_rsa_free(secrets->keys[i]);
    free(secrets->keys);
    free(secrets);
}

static struct entry *
entry_of(const struct um_secrets *secrets, size_t number)
{
    return &secrets->blocks[(number - 1) / BLOCK_ENTRIES]->entries[(number - 1) % BLOCK_ENTRIES];
}

static struct um_span
id_of(const struct entry *entry)
{
    return um_span_of(entry->id, entry->id_len);
}

/* The slot that holds the id, or the free one where it belongs. There is always a free one. */
static uint32_t *
slot_of(const struct um_secrets *secrets, enum um_secret_label label, struct um_span id)
{
    for (size_t i = (size_t)um_span_hash(id, label);; i++) {
        uint32_t *slot = &secrets->slots[i & (secrets->slot_count - 1)];
        const struct entry *entry = *slot > 0 ? entry_of(secrets, *slot) : NULL;
        if (!entry || (entry->label == (uint8_t)label && um_span_equal(id_of(entry), id)))
            return slot;
    }
}

/* Secrets leave half of the memory to the connections that need them. */
static bool
take_memory(struct um_secrets *secrets, size_t bytes)
{
    if (secrets->metered_bytes + bytes > secrets->meter->max / 2 ||
        !um_meter_take(secrets->meter, bytes))
        return false;
    secrets->metered_bytes += bytes;
    return true;
}

static void
give_memory(struct um_secrets *secrets, size_t bytes)
{
    um_meter_give(secrets->meter, bytes);
    secrets->metered_bytes -= bytes;
}

/* Doubles the table, when there is memory for it. */
static int
grow_slots(struct um_secrets *secrets)
{
    size_t count = secrets->slot_count > 0 ? 2 * secrets->slot_count : FIRST_SLOTS;
    if (secrets->used < secrets->slot_count / 2 || secrets->used >= UINT32_MAX / 2 ||
        !take_memory(secrets, count * sizeof *secrets->slots))
        return UM_OK;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots) {
        give_memory(secrets, count * sizeof *slots);
        return UM_ERR_NOMEM;
    }
    give_memory(secrets, secrets->slot_count * sizeof *slots);
    free(secrets->slots);
    secrets->slots = slots;
    secrets->slot_count = count;
    for (size_t number = 1; number <= secrets->used; number++) {
        const struct entry *entry = entry_of(secrets, number);
        *slot_of(secrets, (enum um_secret_label)entry->label, id_of(entry)) = (uint32_t)number;
    }
    return UM_OK;
}

/* One more block when all are full, and there is memory for it. */
static int
grow_blocks(struct um_secrets *secrets)
{
    if (secrets->used < secrets->block_count * BLOCK_ENTRIES ||
        !take_memory(secrets, sizeof(struct block)))
        return UM_OK;
    struct block **blocks =
        realloc(secrets->blocks, (secrets->block_count + 1) * sizeof(struct block *));
    secrets->blocks = blocks ? blocks : secrets->blocks;
    struct block *block = blocks ? malloc(sizeof *block) : NULL;
    if (!block) {
        give_memory(secrets, sizeof *block);
        return UM_ERR_NOMEM;
    }
    secrets->blocks[secrets->block_count++] = block;
    return UM_OK;
}

int
um_secrets_add(struct um_secrets *secrets, enum um_secret_label label, struct um_span id,
               struct um_span secret)
{
    if (id.len == 0 || id.len > UM_SECRET_ID_MAX || secret.len == 0 || secret.len > UM_SECRET_MAX)
        return UM_OK;
    if (um_secrets_find(secrets, label, id).len > 0)
        return UM_OK;
    int err = grow_slots(secrets);
    if (!err)
        err = grow_blocks(secrets);
    if (err)
        return err;
    if (secrets->used >= secrets->slot_count / 2 ||
        secrets->used >= secrets->block_count * BLOCK_ENTRIES) {
        secrets->dropped++;
        return UM_OK;
    }
    uint32_t *slot = slot_of(secrets, label, id);
    *slot = (uint32_t)++secrets->used;
    struct entry *entry = entry_of(secrets, *slot);
    entry->label = (uint8_t)label;
    entry->id_len = (uint8_t)id.len;
    entry->secret_len = (uint8_t)secret.len;
    memcpy(entry->id, id.data, id.len);
    memcpy(entry->secret, secret.data, secret.len);
    secrets->counts[label]++;
    return UM_OK;
}

struct um_span
um_secrets_find(const struct um_secrets *secrets, enum um_secret_label label, struct um_span id)
{
    if (secrets->slot_count == 0 || id.len == 0)
        return um_span_of(NULL, 0);
    uint32_t number = *slot_of(secrets, label, id);
    const struct entry *entry = number > 0 ? entry_of(secrets, number) : NULL;
    return entry ? um_span_of(entry->secret, entry->secret_len) : um_span_of(NULL, 0);
}

bool
um_secrets_know_client(const struct um_secrets *secrets, struct um_span client_random)
{
    static const enum um_secret_label labels[] = {UM_SECRET_MASTER,
                                                  UM_SECRET_PREMASTER_RANDOM,
                                                  UM_SECRET_CLIENT_APPLICATION,
                                                  UM_SECRET_SERVER_APPLICATION,
                                                  UM_SECRET_CLIENT_HANDSHAKE,
                                                  UM_SECRET_SERVER_HANDSHAKE};
    bool is_known = false;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        is_known |= um_secrets_find(secrets, labels[i], client_random).len > 0;
    return is_known;
}

struct um_secret
um_secrets_at(const struct um_secrets *secrets, uint64_t number)
{
    const struct entry *entry = entry_of(secrets, (size_t)number + 1);
    return (struct um_secret){.label = (enum um_secret_label)entry->label,
                              .id = id_of(entry),
                              .secret = um_span_of(entry->secret, entry->secret_len)};
}

bool
um_secrets_spend(struct um_secrets *secrets, uint64_t tries, uint64_t reserve)
{
    bool may = tries + reserve <= secrets->tries_left;
    secrets->tries_left -= may ? tries : 0;
    return may;
}

uint64_t
um_secrets_tries_left(const struct um_secrets *secrets)
{
    return secrets->tries_left;
}

uint64_t
um_secrets_count(const struct um_secrets *secrets, enum um_secret_label label)
{
    return secrets->counts[label];
}

uint64_t
um_secrets_total(const struct um_secrets *secrets)
{
    return secrets->used;
}

uint64_t
um_secrets_dropped(const struct um_secrets *secrets)
{
    return secrets->dropped;
}

int
um_secrets_add_rsa(struct um_secrets *secrets, struct um_rsa *rsa)
{
    struct um_rsa **keys =
        realloc(secrets->keys, (secrets->key_count + 1) * sizeof(struct um_rsa *));
    if (!keys) {
        um_rsa_free(rsa);
        return UM_ERR_NOMEM;
    }
    secrets->keys = keys;
    secrets->keys[secrets->key_count++] = rsa;
    return UM_OK;
}

bool
um_secrets_know_rsa(const struct um_secrets *secrets)
{
    return secrets->key_count > 0 || secrets->counts[UM_SECRET_PREMASTER] > 0 ||
           secrets->counts[UM_SECRET_PREMASTER_RANDOM] > 0;
}

bool
um_secrets_know_any(const struct um_secrets *secrets)
{
    return secrets->used > 0 || secrets->key_count > 0;
}

int
um_secrets_premaster(struct um_secrets *secrets, struct um_span sealed,
                     uint8_t out[UM_PREMASTER_BYTES], bool *found)
{
    struct um_span known =
        um_secrets_find(secrets, UM_SECRET_PREMASTER, um_span_first(sealed, PREMASTER_ID_BYTES));
    *found = known.len == UM_PREMASTER_BYTES;
    if (*found)
        memcpy(out, known.data, known.len);
    for (size_t i = 0; i < secrets->key_count && !*found; i++) {
        int result = um_rsa_premaster(secrets->keys[i], sealed, out);
        if (result < 0)
            return result;
        *found = result == UM_OK;
    }
    return UM_OK;
}
