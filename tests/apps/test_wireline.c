/* Datagrams in plain words. */
#include "tests/suite.h"

#include "apps/wireline.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

static struct wireline line_of(const uint8_t *at, size_t len)
{
    struct wireline w;
    wireline_of(&w, (struct bytes){at, len});
    return w;
}

/* A Binding message with one flag or number, or none. */
static struct wireline binding(enum stun_class class, uint16_t attr, bool nominates)
{
    uint8_t room[256];
    struct writer w = writer_of(room, sizeof room);
    static const uint8_t id[12] = {1};
    struct addr seen = addr_ipv4(192, 0, 2, 1, 5000);
    stun_begin(&w, (uint16_t)(STUN_BINDING | class), (struct bytes){id, sizeof id});
    if (attr == STUN_XOR_MAPPED_ADDRESS)
        stun_put_addr(&w, attr, &seen);
    else if (attr == STUN_ERROR_CODE)
        stun_put_error(&w, 487);
    else if (attr)
        stun_put_u64(&w, attr, 7);
    if (nominates) stun_put_flag(&w, STUN_USE_CANDIDATE);
    struct bytes m = writer_done(&w);
    return line_of(m.at, m.len);
}

START_TEST(stun_messages)
{
    const struct {
        enum stun_class class;
        uint16_t attr;
        bool nominates;
        const char *words, *label;
    } cases[] = {{STUN_REQUEST, 0, false, "STUN Binding request", "request"},
                 {STUN_REQUEST, STUN_ICE_CONTROLLING, false, "STUN check, controlling", "check"},
                 {STUN_REQUEST, STUN_ICE_CONTROLLED, false, "STUN check, controlled", "check"},
                 {STUN_REQUEST, STUN_ICE_CONTROLLING, true, "STUN check, nominates", "check"},
                 {STUN_SUCCESS, STUN_XOR_MAPPED_ADDRESS, false,
                  "STUN answer, seen as 192.0.2.1:5000", "answer"},
                 {STUN_ERROR, STUN_ERROR_CODE, false, "STUN error 487 Role Conflict", "error"},
                 {STUN_INDICATION, 0, false, "STUN Binding indication", "indication"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wireline w = binding(cases[i].class, cases[i].attr, cases[i].nominates);
        ck_assert_str_eq(w.words, cases[i].words);
        ck_assert_str_eq(w.label, cases[i].label);
        for (size_t k = 0; k < i; k++) {
            struct wireline other = binding(cases[k].class, cases[k].attr, cases[k].nominates);
            bool same = cases[i].nominates == cases[k].nominates &&
                        strcmp(cases[i].label, cases[k].label) == 0;
            ck_assert_msg((w.alike == other.alike) == same, "%zu and %zu", i, k);
        }
    }
}
END_TEST

START_TEST(what_is_broken_is_said_and_never_counted)
{
    static const uint8_t stun[] = {0, 1, 0, 1, 0x21, 0x12, 0xA4, 0x42}, dtls[] = {22, 0xfe, 0xfd},
                         rtp[] = {0x80, 0x60, 0};
    struct wireline w = line_of(stun, sizeof stun);
    ck_assert_int_eq(w.protocol, DEMUX_STUN);
    ck_assert_ptr_nonnull(strstr(w.words, "STUN that breaks a rule: "));
    ck_assert_ptr_null(w.label);
    w = line_of(dtls, sizeof dtls);
    ck_assert_str_eq(w.words, "DTLS a broken record");
    ck_assert_ptr_null(w.label);
    w = line_of(rtp, sizeof rtp);
    ck_assert_ptr_nonnull(strstr(w.words, "SRTP that breaks a rule: "));
    ck_assert_ptr_null(w.label);
}
END_TEST

/* A record of DTLS 1.2 with `len` bytes of 0 in it. */
static size_t record(uint8_t *to, uint8_t type, uint16_t epoch, const uint8_t *body, uint8_t len)
{
    const uint8_t head[] = {type, 0xfe, 0xfd, 0, (uint8_t)epoch, 0, 0, 0, 0, 0, 0, 0, len};
    memcpy(to, head, sizeof head);
    memset(to + sizeof head, 0, len);
    if (body) memcpy(to + sizeof head, body, len);
    return sizeof head + len;
}

START_TEST(dtls_flights_have_a_brief_form)
{
    static const uint8_t done[12] = {14}, hello[12] = {2}, alert[2] = {2, 42};
    uint8_t room[256];
    size_t len = record(room, 22, 0, hello, sizeof hello);
    len += record(room + len, 22, 0, done, sizeof done);
    struct wireline w = line_of(room, len);
    ck_assert_str_eq(w.words, "DTLS server_hello, server_hello_done");
    ck_assert_str_eq(w.brief, "");
    len += record(room + len, 22, 1, NULL, 40);
    w = line_of(room, len);
    ck_assert_str_eq(w.words, "DTLS server_hello, server_hello_done, handshake (encrypted)");
    ck_assert_str_eq(w.brief, "DTLS server_hello to handshake (encrypted)");
    ck_assert_ptr_null(w.label);
    w = line_of(room, record(room, 21, 0, alert, sizeof alert));
    ck_assert_str_eq(w.words, "DTLS alert bad_certificate");
    w = line_of(room, record(room, 21, 0, alert, 1)); /* RFC 5246 §7.2: of two bytes */
    ck_assert_str_eq(w.words, "DTLS alert");
    w = line_of(room, record(room, 22, 0, hello, 5)); /* less than a message's header */
    ck_assert_str_eq(w.words, "DTLS a broken handshake message");
    static const uint8_t unified[] = {0x20, 1, 9, 9, 9}; /* RFC 9147 §4: epoch's low bits are 0 */
    w = line_of(unified, sizeof unified);
    ck_assert_str_eq(w.words, "DTLS ciphertext");
    ck_assert_str_eq(w.label, "data");
    w = line_of(room, record(room, 23, 1, NULL, 40));
    ck_assert_str_eq(w.words, "DTLS application_data (encrypted)");
    ck_assert_str_eq(w.label, "data");
}
END_TEST

START_TEST(media_is_alike_by_its_payload_type)
{
    uint8_t rtp[] = {0x80, 0xE0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 7, 1};
    struct wireline video = line_of(rtp, sizeof rtp);
    ck_assert_str_eq(video.words, "SRTP payload type 96, ssrc 00000007, number 5, time 9, marker");
    ck_assert_str_eq(video.label, "media");
    rtp[3] = 6;
    ck_assert_uint_eq(line_of(rtp, sizeof rtp).alike, video.alike);
    rtp[1] = 0x61;
    ck_assert_uint_ne(line_of(rtp, sizeof rtp).alike, video.alike);
    static const uint8_t twcc[] = {0x8F, 205, 0, 2, 0, 0, 0, 7, 1, 2, 3, 4};
    struct wireline feedback = line_of(twcc, sizeof twcc);
    ck_assert_str_eq(feedback.words, "SRTCP that begins with TWCC, ssrc 00000007");
    ck_assert_str_eq(feedback.label, "feedback");
}
END_TEST

/* A TURN server's words, and those that no RFC has. */
START_TEST(stun_of_other_methods)
{
    static const uint8_t id[12] = {1};
    const struct {
        uint16_t type;
        const char *words;
    } cases[] = {{STUN_ALLOCATE | STUN_SUCCESS, "STUN answer to Allocate"},
                 {0x00EF | STUN_SUCCESS, "STUN answer to unknown method"},
                 {0x00EF, "STUN unknown method request"},
                 {STUN_BINDING | STUN_SUCCESS, "STUN answer"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t room[64];
        struct writer w = writer_of(room, sizeof room);
        stun_begin(&w, cases[i].type, (struct bytes){id, sizeof id});
        struct wireline line = line_of(room, writer_len(&w));
        ck_assert_str_eq(line.words, cases[i].words);
    }
    uint8_t room[64];
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, STUN_BINDING | STUN_ERROR, (struct bytes){id, sizeof id});
    stun_put_error(&w, 699);
    ck_assert_str_eq(line_of(room, writer_len(&w)).words, "STUN error 699");
}
END_TEST

START_TEST(one_text_with_the_size)
{
    char to[WIRELINE_MAX];
    static const uint8_t channel[] = {0x40, 0, 0, 0}, nothing[] = {0xFF};
    ck_assert_str_eq(wireline((struct bytes){channel, 4}, to), "TURN channel data, 4 bytes");
    ck_assert_str_eq(wireline((struct bytes){nothing, 1}, to), "nothing that we know, 1 bytes");
    ck_assert_str_eq(wireline(bytes_of(""), to), "nothing that we know, 0 bytes");
}
END_TEST

SUITE("wireline", stun_messages, what_is_broken_is_said_and_never_counted,
      dtls_flights_have_a_brief_form, media_is_alike_by_its_payload_type, stun_of_other_methods,
      one_text_with_the_size)
