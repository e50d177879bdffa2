/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table with open addressing; entries are never taken out. */
#include "offline/tls/secrets.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64, PREMASTER_ID_BYTES = 8 };

struct entry {
    uint8_t label;
    uint8_t id_len; /* 0: the slot is free */
    uint8_t secret_len;
    uint8_t id[UM_SECRET_ID_MAX];
    uint8_t secret[UM_SECRET_MAX];
};

struct um_secrets {
    struct um_meter *meter;
    struct entry *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t used;
    uint64_t counts[UM_SECRET_COUNT];
    uint64_t dropped;
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
    *out = secrets;
    return UM_OK;
}

static void
free_slots(struct um_meter *meter, struct entry *slots, size_t count)
{
    if (!slots)
        return;
    um_crypto_wipe(slots, count * sizeof *slots);
    um_meter_give(meter, count * sizeof *slots);
    free(slots);
}

void
um_secrets_free(struct um_secrets *secrets)
{
    if (!secrets)
        return;
    free_slots(secrets->meter, secrets->slots, secrets->slot_count);
    for (size_t i = 0; i < secrets->key_count; i++)
        um_rsa_free(secrets->keys[i]);
    free(secrets->keys);
    free(secrets);
}

/* The slot that holds the id, or the free one where it belongs. There is always a free one. */
static struct entry *
slot_of(struct entry *slots, size_t count, enum um_secret_label label, struct um_span id)
{
    for (size_t i = (size_t)um_span_hash(id, label);; i++) {
        struct entry *entry = &slots[i & (count - 1)];
        if (entry->id_len == 0 || (entry->label == (uint8_t)label &&
                                   um_span_equal(um_span_of(entry->id, entry->id_len), id)))
            return entry;
    }
}

/* Doubles the table. `dropped` counts when the meter has no room; then there may be no free slot.
 */
static int
grow(struct um_secrets *secrets)
{
    size_t count = secrets->slot_count ? 2 * secrets->slot_count : FIRST_SLOTS;
    if (!um_meter_take(secrets->meter, count * sizeof(struct entry)))
        return UM_OK;
    struct entry *slots = calloc(count, sizeof *slots);
    if (!slots) {
        um_meter_give(secrets->meter, count * sizeof *slots);
        return UM_ERR_NOMEM;
    }
    for (size_t i = 0; i < secrets->slot_count; i++) {
        const struct entry *old = &secrets->slots[i];
        if (old->id_len > 0)
            *slot_of(slots, count, (enum um_secret_label)old->label,
                     um_span_of(old->id, old->id_len)) = *old;
    }
    free_slots(secrets->meter, secrets->slots, secrets->slot_count);
    secrets->slots = slots;
    secrets->slot_count = count;
    return UM_OK;
}

int
um_secrets_add(struct um_secrets *secrets, enum um_secret_label label, struct um_span id,
               struct um_span secret)
{
    if (id.len == 0 || id.len > UM_SECRET_ID_MAX || secret.len == 0 || secret.len > UM_SECRET_MAX)
        return UM_OK;
    if (secrets->used >= secrets->slot_count / 2) {
        int err = grow(secrets);
        if (err)
            return err;
    }
    if (secrets->used >= secrets->slot_count / 2) {
        secrets->dropped++;
        return UM_OK;
    }
    struct entry *entry = slot_of(secrets->slots, secrets->slot_count, label, id);
    if (entry->id_len > 0)
        return UM_OK;
    entry->label = (uint8_t)label;
    entry->id_len = (uint8_t)id.len;
    entry->secret_len = (uint8_t)secret.len;
    memcpy(entry->id, id.data, id.len);
    memcpy(entry->secret, secret.data, secret.len);
    secrets->used++;
    secrets->counts[label]++;
    return UM_OK;
}

struct um_span
um_secrets_find(const struct um_secrets *secrets, enum um_secret_label label, struct um_span id)
{
    if (secrets->slot_count == 0 || id.len == 0)
        return um_span_of(NULL, 0);
    const struct entry *entry = slot_of(secrets->slots, secrets->slot_count, label, id);
    return um_span_of(entry->secret, entry->id_len > 0 ? entry->secret_len : 0);
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
