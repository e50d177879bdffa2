/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both directions of a connection are found by one number, and told apart. */
#include "offline/net/ends.h"

#include <stdio.h>

#include "tests/support/support.h"

static struct um_ends
ends_of(const char *source, const char *destination)
{
    struct um_ends ends = {0};
    assert_true(um_endpoint_parse(S(source), &ends.source));
    assert_true(um_endpoint_parse(S(destination), &ends.destination));
    um_ends_identify(&ends);
    return ends;
}

static void
directions_have_one_hash_and_different_indices(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"10.0.0.1:40000", "10.0.0.2:80"},
        {"10.0.0.1:40000", "10.0.0.1:80"}, /* a host with itself */
        {"[2001:db8::1]:40000", "[2001:db8::2]:443"},
        {"[fe80::1]:1", "[fe80::1]:2"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct um_ends there = ends_of(pairs[i][0], pairs[i][1]);
        struct um_ends back = ends_of(pairs[i][1], pairs[i][0]);
        assert_true(there.hash == back.hash);
        assert_int_equal(there.canonical, 1 - back.canonical);
    }
}

/* Nobody is to fall for all of them into one place of the table. */
static void
connections_of_one_host_have_different_hashes(void **state)
{
    (void)state;
    enum { PORTS = 512 };
    static uint64_t seen[PORTS];
    for (unsigned port = 0; port < PORTS; port++) {
        char client[UM_ENDPOINT_TEXT_MAX];
        (void)snprintf(client, sizeof client, "10.0.0.1:%u", 40000 + port);
        seen[port] = ends_of(client, "10.0.0.2:80").hash;
        for (unsigned i = 0; i < port; i++)
            assert_true(seen[i] != seen[port]);
    }
}

/* Every part of an address counts. */
static void
other_address_or_port_is_another_hash(void **state)
{
    (void)state;
    uint64_t hash = ends_of("[2001:db8::1]:1", "[2001:db8::2]:80").hash;
    assert_true(hash != ends_of("[2001:db9::1]:1", "[2001:db8::2]:80").hash);
    assert_true(hash != ends_of("[2001:db8::3]:1", "[2001:db8::2]:80").hash);
    assert_true(hash != ends_of("[2001:db8::1]:2", "[2001:db8::2]:80").hash);
    assert_true(hash != ends_of("[2001:db8::1]:1", "[2001:db8::2]:81").hash);
    assert_true(hash != ends_of("[2001:db8::1]:80", "[2001:db8::2]:1").hash);
}

/*
 * The last byte of an IPv6 address once told in the same bits as the port, so that two neighbours'
 * connections to one server had one hash, ports that far apart.
 */
static void
neighbour_s_port_does_not_make_up_for_its_address(void **state)
{
    (void)state;
    const uint64_t hash = ends_of("[2001:db8::1]:1024", "[2001:db8::9]:443").hash;
    for (unsigned port = 1; port < 65536; port++) {
        char neighbour[UM_ENDPOINT_TEXT_MAX];
        (void)snprintf(neighbour, sizeof neighbour, "[2001:db8::2]:%u", port);
        assert_true(hash != ends_of(neighbour, "[2001:db8::9]:443").hash);
    }
}

static void
end_that_speaks_to_itself_has_one_direction(void **state)
{
    (void)state;
    assert_int_equal(ends_of("10.0.0.1:80", "10.0.0.1:80").canonical, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_have_one_hash_and_different_indices),
        cmocka_unit_test(connections_of_one_host_have_different_hashes),
        cmocka_unit_test(other_address_or_port_is_another_hash),
        cmocka_unit_test(neighbour_s_port_does_not_make_up_for_its_address),
        cmocka_unit_test(end_that_speaks_to_itself_has_one_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
