/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of words, each one text with spaces around every word: searched in lower case. */
#include "offline/scrub_words.h"

#include "core/um/operation.h"

enum { LONGEST = 40 };

static const char known_words[] =
    " a about above acceptable accepted access address again all allowed already also although"
    " ambiguous an and another answer answered any anywhere are as at available back bad be because"
    " been before being below busy but by call callid called calls can cancelled cannot cause"
    " client closed code connect connected connecting connection could denied description detected"
    " did disabled disconnect disconnected does down due enabled endpoint ended error ews exchange"
    " exist exists expired failed failure fault for forbidden format found from gateway global gone"
    " greeting had has have here hops http https idle if in incoming incomplete info internal"
    " invalid is it item its later length limit loop mailbox many may media message messages"
    " method missing more moved must name no noanswer none not nothing null number of ok on only or"
    " other out parameter parse password permitted phone please play playonphone policy proxy"
    " receiver refused rejected reply request required response retry returned ringing rule rules"
    " schema sender server service session should sip soap some state status still supported "
    "sip/2.0"
    " system temporarily terminated text that the there this time timed timeout to too transaction"
    " transferring trying try type um unable unauthorized unavailable unified messaging unknown"
    " unsupported user userbusy value version was web were when where which while with within"
    " without xml you your alerted forwarding ";

static const char announcing_words[] =
    " account alias called dial dialed dialled domain email extension for from host mail mailbox"
    " named number owner password person phone recipient sender server subscriber to upn user"
    " username ";

static const char target_words[] =
    " api autodiscover autodiscover.svc autodiscover.xml ecp ews exchange.asmx mapi"
    " messages.xsd microsoft-server-activesync oab owa powershell rpc rpcproxy.dll"
    " rpcwithcert service.asmx services.wsdl types.xsd um2007legacy.asmx umws unifiedmessaging"
    " wsdl singlewsdl ";

static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool
is_listed(const char *list, struct um_span word)
{
    uint8_t padded[LONGEST + 2];
    if (word.len == 0 || word.len > LONGEST)
        return false;
    padded[0] = padded[word.len + 1] = ' ';
    for (size_t i = 0; i < word.len; i++)
        padded[i + 1] = word.data[i] == ' ' ? '_' : lower(word.data[i]);
    struct um_span all = um_span_text(list);
    return um_span_search(all, um_span_of(padded, word.len + 2)) < all.len;
}

bool
um_scrub_words_known(struct um_span word)
{
    return is_listed(known_words, word);
}

bool
um_scrub_words_announce(struct um_span word)
{
    return is_listed(announcing_words, word);
}

bool
um_scrub_words_in_target(struct um_span part)
{
    return is_listed(target_words, part);
}

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool
is_small(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_letter(uint8_t c)
{
    return is_small(lower(c));
}

static bool
ends_in(struct um_span word, const char *end)
{
    size_t len = strlen(end);
    return word.len > len && um_span_equal(um_span_from(word, word.len - len), um_span_text(end));
}

bool
um_scrub_words_identifier(struct um_span word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!is_letter(word.data[i]) && !is_digit(word.data[i]))
            return false;
    }
    return word.len > 0 && is_letter(word.data[0]) && !is_small(word.data[0]);
}

bool
um_scrub_words_protocol(struct um_span word)
{
    if (!um_scrub_words_identifier(word))
        return false;
    return um_operation_of(word) != UM_OPERATION_NONE || ends_in(word, "Exception") ||
           um_span_starts(word, um_span_text("Error"));
}

bool
um_scrub_words_small(struct um_span word)
{
    for (size_t i = 0; i < word.len; i++) {
        bool is_joint = i > 0 && (word.data[i] == '-' || word.data[i] == '\'');
        if (!is_small(word.data[i]) && !is_joint)
            return false;
    }
    return word.len > 0;
}

size_t
um_scrub_words_digits(struct um_span word)
{
    size_t digits = 0;
    for (size_t i = 0; i < word.len; i++)
        digits += is_digit(word.data[i]) ? 1 : 0;
    return digits;
}

bool
um_scrub_words_has_letter(struct um_span word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (is_letter(word.data[i]) || word.data[i] >= 0x80)
            return true;
    }
    return false;
}
