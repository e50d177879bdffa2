/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was packed is read again as it was, whatever the values. */
#include "core/um/packed.h"

#include "core/base/err.h"
#include "tests/support/support.h"
#include "tests/um/shelf.h"

/* One of the values that are as easily got wrong as any. */
static uint64_t
any_number(uint64_t *seed)
{
    static const uint64_t edges[] = {
        0, 1, 0x7f, 0x80, 0x3fff, 0x4000, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    uint64_t dice = um_test_random(seed);
    if (dice % 3 == 0)
        return edges[um_test_random(seed) % (sizeof edges / sizeof *edges)];
    return um_test_random(seed) >> dice % 64;
}

static struct um_span
any_text(uint64_t *seed)
{
    static const char *const texts[] = {"Connected", "None", "/EWS/UM2007Legacy.asmx", "x", ""};
    uint64_t dice = um_test_random(seed) % 6;
    return dice == 5 ? um_span_of(NULL, 0) : um_span_text(texts[dice]);
}

static struct um_mark
any_mark(uint64_t *seed)
{
    struct um_mark mark = {any_number(seed), (int64_t)any_number(seed)};
    if (um_test_random(seed) % 2 == 0)
        mark.time_ns = mark.time_ns / 1000 * 1000; /* as most captures have it */
    return um_test_random(seed) % 4 == 0 ? (struct um_mark){0} : mark;
}

static struct um_endpoint
any_end(uint64_t *seed)
{
    struct um_endpoint end = {.port = (uint16_t)any_number(seed)};
    uint64_t dice = um_test_random(seed) % 3;
    end.address_len = dice == 0 ? 0 : dice == 1 ? 4 : 16;
    for (size_t i = 0; i < end.address_len; i++)
        end.address[i] = (uint8_t)um_test_random(seed);
    return end;
}

static bool
any_claim(uint64_t *seed)
{
    return um_test_random(seed) % 2;
}

static struct um_exchange_record
any_record(uint64_t *seed)
{
    static const char *const ids[] = {
        "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxQHVtMS5leGFtcGxl", "UM-CALL0042"};
    struct um_span id = um_test_random(seed) % 3 == 0 ? um_span_of(NULL, 0)
                                                      : um_span_text(ids[um_test_random(seed) % 2]);
    return (struct um_exchange_record){
        .number = any_number(seed),
        .service = (enum um_service)(um_test_random(seed) % 2),
        .operation = (enum um_operation)(um_test_random(seed) % 5),
        .call_id = id,
        .state = any_text(seed),
        .cause = any_text(seed),
        .dial_string = any_text(seed),
        .target = any_text(seed),
        .soap_action = any_text(seed),
        .tls = {.version = any_claim(seed) ? "TLS 1.3" : NULL,
                .suite = any_claim(seed) ? "TLS_AES_128_GCM_SHA256" : NULL,
                .server_name = any_text(seed)},
        .http_version = any_text(seed),
        .sip_code = any_text(seed),
        .sip_text = any_text(seed),
        .fault_code = any_text(seed),
        .fault_text = any_text(seed),
        .fault_exception = any_text(seed),
        .is_fault = any_claim(seed),
        .is_service_error = any_claim(seed),
        .has_request = any_claim(seed),
        .has_reply = any_claim(seed),
        .has_request_message = any_claim(seed),
        .has_reply_message = any_claim(seed),
        .request_incomplete = any_claim(seed),
        .reply_incomplete = any_claim(seed),
        .request_first = any_mark(seed),
        .request_last = any_mark(seed),
        .reply_first = any_mark(seed),
        .reply_last = any_mark(seed),
        .client = any_end(seed),
        .server = any_end(seed),
        .connection = any_number(seed),
        .tag = any_number(seed),
        .item = any_number(seed),
        .http_status = (unsigned)any_number(seed),
        .authentication_legs = (unsigned)any_number(seed),
        .authentication_failed = any_claim(seed),
        .unanswered = (enum um_unanswered)(um_test_random(seed) % UM_UNANSWERED_COUNT),
        .request_flags = (unsigned)any_number(seed),
        .reply_flags = (unsigned)any_number(seed),
        .limits_reached = (uint32_t)any_number(seed),
    };
}

/* NULL and empty are told apart. */
static void
assert_text(struct um_span read, struct um_span packed)
{
    assert_span_equal(read, packed);
    assert_int_equal(read.data == NULL, packed.data == NULL);
}

static void
assert_name(const char *read, const char *packed)
{
    assert_int_equal(read == NULL, packed == NULL);
    if (read)
        assert_string_equal(read, packed);
}

static void
assert_mark(struct um_mark read, struct um_mark packed)
{
    assert_int_equal(read.frame, packed.frame);
    assert_int_equal(read.time_ns, packed.time_ns);
}

static void
assert_texts(const struct um_exchange_record *read, const struct um_exchange_record *packed)
{
    assert_text(read->call_id, packed->call_id);
    assert_text(read->state, packed->state);
    assert_text(read->cause, packed->cause);
    assert_text(read->dial_string, packed->dial_string);
    assert_text(read->target, packed->target);
    assert_text(read->soap_action, packed->soap_action);
    assert_name(read->tls.version, packed->tls.version);
    assert_name(read->tls.suite, packed->tls.suite);
    assert_text(read->tls.server_name, packed->tls.server_name);
    assert_text(read->http_version, packed->http_version);
    assert_text(read->sip_code, packed->sip_code);
    assert_text(read->sip_text, packed->sip_text);
    assert_text(read->fault_code, packed->fault_code);
    assert_text(read->fault_text, packed->fault_text);
    assert_text(read->fault_exception, packed->fault_exception);
}

static void
assert_claims(const struct um_exchange_record *read, const struct um_exchange_record *packed)
{
    assert_int_equal(read->is_fault, packed->is_fault);
    assert_int_equal(read->is_service_error, packed->is_service_error);
    assert_int_equal(read->has_request, packed->has_request);
    assert_int_equal(read->has_reply, packed->has_reply);
    assert_int_equal(read->has_request_message, packed->has_request_message);
    assert_int_equal(read->has_reply_message, packed->has_reply_message);
    assert_int_equal(read->request_incomplete, packed->request_incomplete);
    assert_int_equal(read->reply_incomplete, packed->reply_incomplete);
    assert_int_equal(read->authentication_failed, packed->authentication_failed);
}

static void
assert_record(const struct um_exchange_record *read, const struct um_exchange_record *packed)
{
    assert_texts(read, packed);
    assert_claims(read, packed);
    assert_int_equal(read->number, packed->number);
    assert_int_equal(read->service, packed->service);
    assert_int_equal(read->operation, packed->operation);
    assert_int_equal(read->id.guid[0] != '\0', packed->call_id.len > 20);
    assert_mark(read->request_first, packed->request_first);
    assert_mark(read->request_last, packed->request_last);
    assert_mark(read->reply_first, packed->reply_first);
    assert_mark(read->reply_last, packed->reply_last);
    assert_true(um_endpoint_equal(&read->client, &packed->client));
    assert_true(um_endpoint_equal(&read->server, &packed->server));
    assert_int_equal(read->connection, packed->connection);
    assert_int_equal(read->tag, packed->tag);
    assert_int_equal(read->item, packed->item);
    assert_int_equal(read->http_status, packed->http_status);
    assert_int_equal(read->authentication_legs, packed->authentication_legs);
    assert_int_equal(read->unanswered, packed->unanswered);
    assert_int_equal(read->request_flags, packed->request_flags);
    assert_int_equal(read->reply_flags, packed->reply_flags);
    assert_int_equal(read->limits_reached, packed->limits_reached);
    assert_int_equal(read->call, SIZE_MAX);
}

enum { COUNT = 4000, LISTS = 3 };

/* One list has a name that some of its CallIds are, and one is of records that have no party. */
static size_t
number_of(size_t list)
{
    return list == LISTS - 1 ? SIZE_MAX : 7 + list * UM_PACKING_PARTIES;
}

/* A record of any kind, or one of the party before. */
static void
make_record(size_t i, uint64_t *seed, struct um_arena *arena, struct um_exchange_record *records)
{
    records[i] = any_record(seed);
    if (i > 0 && um_test_random(seed) % 2) {
        records[i].call_id = records[i - 1].call_id;
        records[i].client = records[i - 1].client;
        records[i].connection = records[i - 1].connection;
    }
    assert_int_equal(um_call_id_parse(records[i].call_id, arena, &records[i].id), UM_OK);
}

static void
what_was_packed_is_read_again_as_it_was(void **state)
{
    (void)state;
    static struct um_exchange_record records[COUNT];
    static size_t list_of[COUNT];
    struct test_shelf shelf = {0};
    struct um_packing packing = {.pages.shelf = test_shelf(&shelf)};
    struct um_packed_list lists[LISTS] = {{0}};
    struct um_arena scratch = {0};
    uint64_t seed = 11;
    assert_int_equal(um_packed_name(&packing, S("kUM-CALL0042"), &lists[0].name), UM_OK);
    for (size_t i = 0; i < COUNT; i++) {
        make_record(i, &seed, &scratch, records);
        list_of[i] = um_test_random(&seed) % LISTS;
        struct um_packed_list *list = &lists[list_of[i]];
        assert_int_equal(um_packed_add(&packing, &records[i], number_of(list_of[i]), list), UM_OK);
        struct um_exchange_record last;
        if (i % 10 == 0) {
            assert_int_equal(um_packed_read_last(&packing, list, &records[i], &scratch, &last),
                             UM_OK);
            assert_record(&last, &records[i]);
        }
    }
    for (size_t l = 0; l < LISTS; l++) {
        struct um_exchange_record *read;
        assert_int_equal(um_packed_read(&packing, &lists[l], &scratch, &read), UM_OK);
        size_t k = 0;
        for (size_t i = 0; i < COUNT; i++)
            if (list_of[i] == l)
                assert_record(&read[k++], &records[i]);
        assert_int_equal(k, lists[l].count);
    }
    assert_true(shelf.fetched > 0);
    um_arena_done(&scratch);
    um_packing_done(&packing);
    test_shelf_done(&shelf);
}

/* One text that a list is called, and that its polls repeat. */
static void
call_ids_that_are_the_name_of_their_list_are_not_written_again(void **state)
{
    (void)state;
    static const char name[] = "kNH5yDxrcm/dAzHd7C79z24i0Lxhul+R69g8QbiQOjKOtCXApeio8N5q7d7wGegj/";
    struct um_packing packing = {0};
    struct um_packed_list list = {0};
    struct um_arena arena = {0};
    struct um_span kept;
    struct um_exchange_record record = {.has_request = true, .call_id = S(name + 1)}, *read;
    assert_int_equal(um_call_id_parse(record.call_id, &arena, &record.id), UM_OK);
    assert_int_equal(um_packed_name(&packing, S(name), &list.name), UM_OK);
    assert_int_equal(um_packed_name_at(&packing, list.name, &kept), UM_OK);
    assert_span_equal(kept, S(name));
    size_t before = packing.pages.used;
    for (record.number = 1; record.number <= 9; record.number++) {
        record.connection = record.number / 3; /* another party now and then */
        assert_int_equal(um_packed_add(&packing, &record, 0, &list), UM_OK);
    }
    assert_in_range(packing.pages.used - before, 9, 9 * 16);
    assert_int_equal(um_packed_read(&packing, &list, &arena, &read), UM_OK);
    for (size_t i = 0; i < 9; i++)
        assert_span_equal(read[i].call_id, record.call_id);
    um_arena_done(&arena);
    um_packing_done(&packing);
}

static void
packing_survives_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_packing packing = {0};
        struct um_packed_list list = {0};
        struct um_arena arena = {0};
        uint64_t seed = 5;
        struct um_exchange_record record = any_record(&seed), *read;
        um_test_alloc_fail_at(n);
        int err = um_packed_name(&packing, S("kx"), &list.name);
        if (!err)
            err = um_packed_add(&packing, &record, 1, &list);
        if (!err)
            err = um_packed_read(&packing, &list, &arena, &read);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        um_arena_done(&arena);
        um_packing_done(&packing);
        if (!failed)
            break;
    }
}

static void
lost_page_is_an_error_of_reading(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_packing packing = {.pages.shelf = test_shelf(&shelf)};
    struct um_packed_list list = {0};
    struct um_arena arena = {0};
    struct um_exchange_record *read;
    uint64_t seed = 3;
    for (size_t i = 0; i < COUNT; i++) {
        struct um_exchange_record record = any_record(&seed);
        assert_int_equal(um_packed_add(&packing, &record, 1, &list), UM_OK);
    }
    shelf.is_lost = true;
    assert_int_equal(um_packed_read(&packing, &list, &arena, &read), UM_ERR_IO);
    um_arena_done(&arena);
    um_packing_done(&packing);
    test_shelf_done(&shelf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_is_read_again_as_it_was),
        cmocka_unit_test(call_ids_that_are_the_name_of_their_list_are_not_written_again),
        cmocka_unit_test(lost_page_is_an_error_of_reading),
        cmocka_unit_test(packing_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
