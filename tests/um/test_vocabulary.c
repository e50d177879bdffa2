/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/um/vocabulary.h"

#include "tests/support/support.h"

static const struct {
    const char *uri;
    enum um_vocabulary vocabulary;
    bool is_https;
} cases[] = {
    {"", UM_VOCABULARY_NONE, false},
    {"http://schemas.xmlsoap.org/soap/envelope/", UM_VOCABULARY_SOAP11, false},
    {"http://www.w3.org/2003/05/soap-envelope", UM_VOCABULARY_SOAP12, false},
    {"http://schemas.microsoft.com/exchange/services/2006/messages", UM_VOCABULARY_MESSAGES, false},
    {"https://schemas.microsoft.com/exchange/services/2006/messages", UM_VOCABULARY_MESSAGES, true},
    {"http://schemas.microsoft.com/exchange/services/2006/types", UM_VOCABULARY_TYPES, false},
    {"http://schemas.microsoft.com/exchange/services/2006/errors", UM_VOCABULARY_ERRORS, false},
    {"http://schemas.microsoft.com/exchange/services/2006/messages/", UM_VOCABULARY_OTHER, false},
    {"http://schemas.microsoft.com/exchange/services/2006", UM_VOCABULARY_OTHER, false},
    {"schemas.microsoft.com/exchange/services/2006/messages", UM_VOCABULARY_OTHER, false},
    {"HTTP://schemas.microsoft.com/exchange/services/2006/messages", UM_VOCABULARY_OTHER, false},
    {"https://", UM_VOCABULARY_OTHER, true},
};

static void
namespace_is_known_by_its_exact_name_under_both_schemes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_https;
        assert_int_equal(um_vocabulary_of(S(cases[i].uri), &is_https), cases[i].vocabulary);
        assert_int_equal(is_https, cases[i].is_https);
    }
}

static void
both_versions_of_soap_are_soap(void **state)
{
    (void)state;
    for (int i = UM_VOCABULARY_OTHER; i <= UM_VOCABULARY_ERRORS; i++)
        assert_int_equal(um_vocabulary_is_soap((enum um_vocabulary)i),
                         i == UM_VOCABULARY_SOAP11 || i == UM_VOCABULARY_SOAP12);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namespace_is_known_by_its_exact_name_under_both_schemes),
        cmocka_unit_test(both_versions_of_soap_are_soap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
