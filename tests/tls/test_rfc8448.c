/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The traces of RFC 8448, sections 3 and 4, with the traffic secrets that stand there: records in,
 * the RFC's application data out. (The key schedule's steps have their answers in test_keys.c.)
 */
#include "offline/tls/tls.h"

#include <stdio.h>

#include "tests/support/support.h"
#include "tests/tls/hex.h"
#include "tests/tls/reader.h"

/* A record, and who sent it; 0 is the client. */
struct sent {
    int side;
    const char *hex;
};

static const struct sent simple[] = {
    {0, "16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dec"
        "e7000006130113031302010000910000000b0009000006736572766572ff01000100000a00140012001d"
        "0017001800190100010101020103010400230000003300260024001d002099381de560e4bd43d23d8e43"
        "5a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e040305030603020308"
        "040805080604010501060102010402050206020202002d00020101001c00024001"},
    {1, "160303005a020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e269"
        "2800130100002e00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1"
        "b04e751f0f002b00020304"},
    {1, "17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8"
        "ea73f848a7ca07612ef9f945cb960b4068905123ea78b111b429ba9191cd05d2a389280f526134aadc7f"
        "c78c4b729df828b5ecf7b13bd9aefb0e57f271585b8ea9bb355c7c79020716cfb9b1183ef3ab20e37d57"
        "a6b9d7477609aee6e122a4cf51427325250c7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8"
        "bf2d0b227812cbb360987255cc744110c453baa4fcd610928d809810e4b7ed1a8fd991f06aa624820479"
        "7e36a6a73b70a2559c09ead686945ba246ab66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330ef819"
        "0579b3684596c960bd596eea520a56a8d650f563aad27409960dca63d3e688611ea5e22f4415cf9538d5"
        "1a200c27034272968a264ed6540c84838d89f72c24461aad6d26f59ecaba9acbbb317b66d902f4f292a3"
        "6ac1b639c637ce343117b659622245317b49eeda0c6258f100d7d961ffb138647e92ea330faeea6dfa31"
        "c7a84dc3bd7e1b7a6c7178af36879018e3f252107f243d243dc7339d5684c8b0378bf30244da8c87c843"
        "f5e56eb4c5e8280a2b48052cf93b16499a66db7cca71e4599426f7d461e66f99882bd89fc50800becca6"
        "2d6c74116dbd2972fda1fa80f85df881edbe5a37668936b335583b599186dc5c6918a396fa48a181d6b6"
        "fa4f9d62d513afbb992f2b992f67f8afe67f76913fa388cb5630c8ca01e0c65d11c66a1e2ac4c85977b7"
        "c7a6999bbf10dc35ae69f5515614636c0b9b68c19ed2e31c0b3b66763038ebba42f3b38edc0399f3a9f2"
        "3faa63978c317fc9fa66a73f60f0504de93b5b845e275592c12335ee340bbc4fddd502784016e4b3be7e"
        "f04dda49f4b440a30cb5d2af939828fd4ae3794e44f94df5a631ede42c1719bfdabf0253fe5175be898e"
        "750edc53370d2b"},
    {0, "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc"
        "46deb384bd1caeacab6867d726c40546"},
    {1, "17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d"
        "63c758db289a015940252f55713e061dc13e078891a38efbcf5753ad8ef170ad3c7353d16d9da773b9ca"
        "7f2b9fa1b6c0d4a3d03f75e09c30ba1e62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5"
        "b406f16e3fc181a77ca475840025db2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac3"
        "47d143f9605d64f650db4d023e70e952ca49fe5137121c74bc2697687e248746d6df353005f3bce18696"
        "129c8153556b3b6c6779b37bf15985684f"},
    {0, "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd5"
        "4a9a20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4"},
    {1, "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc60"
        "2dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d"},
    {0, "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"},
    {1, "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9"},
};

static const struct sent resumed[] = {
    {0, "1603010200010001fc03031bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d"
        "95000006130113031302010001cd0000000b0009000006736572766572ff01000100000a00140012001d"
        "00170018001901000101010201030104003300260024001d0020e4ffb68ac05f8d96c99da26698346c6b"
        "e16482badddafe051a66b4f18d668f0b002a0000002b0003020304000d0020001e040305030603020308"
        "040805080604010501060102010402050206020202002d00020101001c00024001001500570000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000029"
        "00dd00b800b22c035d829359ee5ff7af4ec900000000262a6494dc486d2c8a34cb33fa90bf1b0070ad3c"
        "498883c9367c09a2be785abc55cd226097a3a982117283f82a03a143efd3ff5dd36d64e861be7fd61d28"
        "27db279cce145077d454a3664d4e6da4d29ee03725a6a4dafcd0fc67d2aea70529513e3da2677fa5906c"
        "5b3f7d8f92f228bda40dda721470f9fbf297b5aea617646fac5c03272e970727c621a79141ef5f7de650"
        "5e5bfbc388e93343694093934ae4d357fad6aacb0021203add4fb2d8fdf822a0ca3cf7678ef5e88dae99"
        "0141c5924d57bb6fa31b9e5f9d"},
    {0, "1703030017ab1df420e75c457a7cc5d2844f76d5aee4b4edbf049be0"},
    {1, "16030300600200005c03033ccfd2dec890222763472ae8136777c9d7358777bb66e91ea5122495f559ea"
        "2d00130100003400290002000000330024001d0020121761ee42c333e1b9e77b60dd57c2053cd94512ab"
        "47f115e86eff50942cea31002b00020304"},
    {1, "1703030061dc48237b4b879f50d0d4d262ea8b4716eb40ddc1eb957e11126e8a7149c2d012d37a711595"
        "7e64ce30008b9e0323f2c05a9c1c77b4f37849a695ab255060a33fee770ca95cb8486bfd0843b8702486"
        "5ca35cc41c4e515c64dcb1369f98635bc7a5"},
    {0, "1703030015aca6fc944841298df99593725f9bf9754429b12f09"},
    {0, "170303003500f8b467d14cf22a4b3f0b6ae0d8e6cc8d08e0db3515ef5c2bdf1922eafbb70009964716d8"
        "34fb70c3d2a56c5b1f5f6bdba6c333cf"},
    {0, "1703030043b1cebce242aa201be9ae5e1cb2a9aa4b33d4e866af1edb068919237741aa031d7a74d491c9"
        "9b9d4e232b74206bc6fbaa04fe78be44a9b4f54320a17eb76992afac3103"},
    {1, "1703030043275e9f20acff57bc000657d3867df039cccf79047884cf75771746f740b5a83f462a0954c3"
        "581393a203a25a7dd14141ef1a37900cdb62ff62dee1ba39ab2590cbf194"},
    {0, "17030300130facce3246bdfc6369838d6a82ae6de5d422dc"},
    {1, "17030300135b18af444e8e1eec7158fb62d8f2577d37ba5d"},
};

#define SIMPLE_RANDOM "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"
#define EARLY_RANDOM "1bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d95"

static const char simple_log[] =
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET " SIMPLE_RANDOM
    " b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21\n"
    "SERVER_HANDSHAKE_TRAFFIC_SECRET " SIMPLE_RANDOM
    " b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38\n"
    "CLIENT_TRAFFIC_SECRET_0 " SIMPLE_RANDOM
    " 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5\n"
    "SERVER_TRAFFIC_SECRET_0 " SIMPLE_RANDOM
    " a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643\n";

static const char early_log[] =
    "CLIENT_EARLY_TRAFFIC_SECRET " EARLY_RANDOM
    " 3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62\n"
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET " EARLY_RANDOM
    " 2faac08f851d35fea3604fcb4de82dc62c9b164a70974d0462e27f1ab278700f\n"
    "SERVER_HANDSHAKE_TRAFFIC_SECRET " EARLY_RANDOM
    " fe927ae271312e8bf0275b581c54eef020450dc4ecffaa05a1a35d27518e7803\n"
    "CLIENT_TRAFFIC_SECRET_0 " EARLY_RANDOM
    " 2abbf2b8e381d23dbebe1dd2a7d16a8bf484cb4950d23fb7fb7fa8547062d9a1\n"
    "SERVER_TRAFFIC_SECRET_0 " EARLY_RANDOM
    " cc21f1bf8feb7dd5fa505bd9c4b468a9984d554a993dc49e6d285598fb672691\n";

static void
feed(struct um_tls *tls, const struct sent *sent, size_t step)
{
    struct hex wire = hex_of(sent->hex);
    struct um_sink sink = um_tls_sink(tls, sent->side);
    for (size_t at = 0; at < wire.len; at += step) {
        struct um_mark mark = {.frame = 1};
        struct um_chunk chunk = {.bytes = um_span_first(um_span_from(hex_span(&wire), at), step),
                                 .first = mark,
                                 .last = mark};
        assert_int_equal(sink.data(sink.ctx, &chunk), UM_OK);
    }
}

/* All there is to say of what was read: RFC 8448 has the bytes 0 to 49 as application data. */
static void
assert_trace(const struct reader *reader, struct um_span early)
{
    struct um_tls_info info = um_tls_info(reader->tls);
    struct um_span client = um_buf_span(&reader->seen[0].clear);
    uint8_t data[50];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    assert_true(info.is_read && !info.is_unread && info.failures == 0);
    assert_int_equal(info.version, 0x0304);
    assert_int_equal(info.suite, 0x1301);
    assert_span_equal(info.server_name, S("server"));
    assert_span_equal(um_span_first(client, early.len), early);
    assert_span_equal(um_span_from(client, early.len), um_span_of(data, sizeof data));
    assert_span_equal(um_buf_span(&reader->seen[1].clear), um_span_of(data, sizeof data));
    assert_int_equal(reader->seen[0].gaps + reader->seen[1].gaps, 0);
}

static void
check_trace(const struct sent *sent, size_t count, const char *log, size_t step,
            struct um_span early)
{
    struct reader reader;
    reader_open(&reader, S(log));
    for (size_t i = 0; i < count; i++)
        feed(reader.tls, &sent[i], step);
    assert_trace(&reader, early);
    reader_done(&reader);
}

/* ---- what stays in memory ---- */

enum { MASK = 0x55, PATTERN_BYTES = 16, WINDOW_BYTES = 1 << 16 };

/* The beginning of the server's application secret, and its key; masked, not to be found here. */
static const uint8_t patterns[][PATTERN_BYTES] = {
    {0xf4, 0x4f, 0xac, 0xa5, 0x00, 0x64, 0xad, 0x03, 0xf8, 0x12, 0x44, 0x3e, 0x10, 0xfc, 0x05,
     0x67},
    {0xca, 0x57, 0x7d, 0x6e, 0x39, 0xc9, 0x52, 0xba, 0x97, 0x3e, 0xec, 0xa7, 0xf9, 0xc7, 0xb6,
     0x03},
};

static uint8_t window[WINDOW_BYTES + PATTERN_BYTES];

static unsigned
count_in_window(size_t len)
{
    unsigned found = 0;
    for (size_t at = 0; at + PATTERN_BYTES <= len; at++) {
        for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
            size_t same = 0;
            while (same < PATTERN_BYTES && (window[at + same] ^ MASK) == patterns[i][same])
                same++;
            found += same == PATTERN_BYTES;
        }
    }
    return found;
}

/* Windows overlap by less than a pattern: what lies across two is found, and nothing twice. */
static unsigned
count_in_region(FILE *memory, unsigned long from, unsigned long to)
{
    unsigned found = 0;
    for (unsigned long at = from; at < to; at += WINDOW_BYTES) {
        size_t want = to - at < sizeof window - 1 ? to - at : sizeof window - 1;
        bool is_here = at < (uintptr_t)window + sizeof window && at + want > (uintptr_t)window;
        if (is_here || fseek(memory, (long)at, SEEK_SET) != 0)
            continue;
        found += count_in_window(fread(window, 1, want, memory));
    }
    memset(window, 0, sizeof window);
    return found;
}

/* In all that this process may write to, but for the sanitizer's large tables. */
static unsigned
count_in_memory(void)
{
    FILE *maps = fopen("/proc/self/maps", "r"), *memory = fopen("/proc/self/mem", "rb");
    char line[512], mode[8];
    unsigned long from, to;
    unsigned found = 0;
    if (!maps || !memory)
        skip();
    (void)setvbuf(memory, NULL, _IONBF, 0);
    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[1] == 'w' &&
            to - from < 1UL << 28)
            found += count_in_region(memory, from, to);
    }
    (void)fclose(maps);
    (void)fclose(memory);
    return found;
}

static void
no_secret_and_no_key_stays_in_memory(void **state)
{
    (void)state;
    struct reader reader;
    reader_open(&reader, S(simple_log));
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        feed(reader.tls, &simple[i], SIZE_MAX / 2);
    assert_true(count_in_memory() > 0);
    reader_done(&reader);
    assert_int_equal(count_in_memory(), 0);
}

static void
the_simple_handshake_is_read(void **state)
{
    (void)state;
    check_trace(simple, sizeof simple / sizeof *simple, simple_log, SIZE_MAX / 2, S(""));
    check_trace(simple, sizeof simple / sizeof *simple, simple_log, 1, S(""));
}

static void
the_resumed_handshake_with_early_data_is_read(void **state)
{
    (void)state;
    check_trace(resumed, sizeof resumed / sizeof *resumed, early_log, SIZE_MAX / 2, S("ABCDEF"));
    check_trace(resumed, sizeof resumed / sizeof *resumed, early_log, 7, S("ABCDEF"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_and_no_key_stays_in_memory),
        cmocka_unit_test(the_simple_handshake_is_read),
        cmocka_unit_test(the_resumed_handshake_with_early_data_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
