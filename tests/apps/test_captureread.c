/* Captures of our own calls with browsers: what is sealed, opened, in clear, and broken. */
#include "apps/captureread.h"

#include "tests/apps/heardcall.h"
#include "tests/explained.h"

static struct heardcall call;
static struct explain_options options;

struct seen {
    size_t packets, opened, sealed, clear, finished, errors;
};

static void count(struct seen *n, const struct captured *p)
{
    n->packets++;
    if (!p->x) return;
    explained_is_sound(p->x);
    bool srtp = bytes_starts(bytes_of(p->protocol), "srt");
    bool media = strcmp(explain_type(p->x), "rtp") == 0 || strcmp(explain_type(p->x), "rtcp") == 0;
    n->errors += explain_fault(p->x)->err != OK;
    n->opened += srtp && p->decrypted && media;
    n->sealed += srtp && !p->decrypted && !media;
    n->clear += media && !srtp;
    n->finished += p->decrypted && explained_summary_has(p->x, "finished (decrypted)");
    if (srtp) ck_assert_int_eq(p->decrypted, media);
}

static struct seen read_all(struct bytes file, struct fault *fault, char remark[256])
{
    struct seen n = {0};
    struct captureread *read = captureread_new(file, &options);
    ck_assert_ptr_nonnull(read);
    for (const struct captured *p; (p = captureread_next(read));) count(&n, p);
    *fault = *captureread_fault(read);
    if (!captureread_remark(read, 0, remark, 256)) remark[0] = 0;
    captureread_free(read);
    return n;
}

static struct seen read_good(struct bytes file)
{
    struct fault fault;
    char remark[256];
    struct seen n = read_all(file, &fault, remark);
    ck_assert_int_eq(fault.err, OK);
    ck_assert_str_eq(remark, "");
    ck_assert_uint_eq(n.errors, 0);
    return n;
}

START_TEST(the_secrets_in_the_file_open_it)
{
    static const char *const files[] = {HEARDCALL_CHROMIUM, HEARDCALL_FIREFOX};
    for (size_t i = 0; i < COUNT(files); i++) {
        heardcall_read(&call, files[i]);
        struct seen n = read_good(call.file);
        ck_assert_uint_eq(n.sealed, 0);
        ck_assert_uint_gt(n.opened, 10);
        ck_assert_uint_gt(n.clear, 10); /* the plain interface, which stays what it is */
        ck_assert_uint_eq(n.finished, 2);
        heardcall_free(&call);
    }
}
END_TEST

/* The same without the block, or with it behind all packets. */
static struct bytes without_secrets(bool at_end)
{
    struct bytes block = heardcall_secrets(&call), file = call.file;
    size_t before = (size_t)(block.at - file.at), after = file.len - before - block.len;
    uint8_t *copy = malloc(file.len);
    memcpy(copy, file.at, before);
    memcpy(copy + before, block.at + block.len, after);
    memcpy(copy + before + after, block.at, block.len);
    return (struct bytes){copy, at_end ? file.len : before + after};
}

START_TEST(secrets_may_come_last_or_from_elsewhere)
{
    heardcall_read(&call, HEARDCALL_CHROMIUM);
    struct seen want = read_good(call.file);
    struct bytes late = without_secrets(true), none = without_secrets(false);
    struct seen n = read_good(late);
    ck_assert_mem_eq(&n, &want, sizeof n);

    n = read_good(none);
    ck_assert_uint_eq(n.sealed, want.opened);
    ck_assert_uint_eq(n.opened + n.finished, 0);
    ck_assert_uint_eq(n.clear, want.clear);

    options.keylog = call.keylog;
    n = read_good(none);
    ck_assert_mem_eq(&n, &want, sizeof n);
    options = (struct explain_options){0};
    free((void *)(uintptr_t)late.at);
    free((void *)(uintptr_t)none.at);
    heardcall_free(&call);
}
END_TEST

START_TEST(a_wrong_key_log_is_remarked_upon)
{
    struct fault fault;
    char remark[256];
    heardcall_read(&call, HEARDCALL_FIREFOX);
    struct bytes none = without_secrets(false);
    options.keylog = bytes_of("CLIENT_RANDOM 00\n");
    struct seen n = read_all(none, &fault, remark);
    ck_assert_int_eq(fault.err, OK);
    ck_assert(n.opened == 0 && n.sealed > 10);
    ck_assert(strstr(remark, "no secret for any DTLS handshake") != NULL);
    options = (struct explain_options){0};
    free((void *)(uintptr_t)none.at);
    heardcall_free(&call);
}
END_TEST

/* What was decrypted is what the plain interface has: nobody else's bytes. */
START_TEST(what_was_opened_is_what_was_inside)
{
    struct bytes inside[HEARDCALL_MAX];
    size_t count = 0, found = 0;
    heardcall_read(&call, HEARDCALL_CHROMIUM);
    struct captureread *read = captureread_new(call.file, &options);
    for (const struct captured *p; (p = captureread_next(read));)
        if (p->item.interface == 1 && p->x) inside[count++] = p->message; /* views of the file */
    captureread_free(read);
    read = captureread_new(call.file, &options);
    for (const struct captured *p; (p = captureread_next(read));) {
        if (p->item.interface != 0 || strcmp(p->protocol, "srtp") != 0) continue;
        bool same = false;
        for (size_t i = 0; i < count && !same; i++) same = bytes_equal(inside[i], p->message);
        found += same;
    }
    captureread_free(read);
    ck_assert_uint_ge(found, 20); /* the last one's twin is cut off */
    heardcall_free(&call);
}
END_TEST

/* Chromium's ClientHello: its second datagram has all of it. */
START_TEST(pitfall_12_the_last_part_shows_the_whole_hello)
{
    size_t parts = 0;
    heardcall_read(&call, HEARDCALL_CHROMIUM);
    struct captureread *read = captureread_new(call.file, &options);
    for (const struct captured *p; (p = captureread_next(read));) {
        if (!p->x || !explained_summary_has(p->x, "client_hello")) continue;
        if (parts++ == 0) {
            explained_number(p->x, "records.0.handshake.fragmentOffset", 0);
            explained_absent(p->x, "records.0.handshake.assembled");
            continue;
        }
        explained_bool(p->x, "records.0.handshake.assembled", true);
        explained_number(p->x, "records.0.handshake.length", 1413);
        explained_text(p->x, "records.0.handshake.groups.0", "X25519MLKEM768");
        ck_assert_uint_gt(explained_count(p->x, "records.0.handshake.srtpProfiles"), 1);
        ck_assert_uint_gt(explained_count(p->x, "records.0.handshake.cipherSuites"), 5);
    }
    ck_assert_uint_eq(parts, 2);
    captureread_free(read);
    heardcall_free(&call);
}
END_TEST

/* The announcement on the plain interface names the payloads of both. */
START_TEST(payloads_are_named_by_the_captures_own_description)
{
    size_t vp8 = 0, opus = 0;
    heardcall_read(&call, HEARDCALL_FIREFOX);
    struct captureread *read = captureread_new(call.file, &options);
    for (const struct captured *p; (p = captureread_next(read));) {
        if (!p->decrypted) continue;
        vp8 += explained_summary_has(p->x, "RTP VP8");
        opus += explained_summary_has(p->x, "RTP opus");
    }
    ck_assert(vp8 > 1 && opus > 1);
    captureread_free(read);
    heardcall_free(&call);
}
END_TEST

START_TEST(each_beginning_of_the_file_ends_well)
{
    heardcall_read(&call, HEARDCALL_FIREFOX);
    for (size_t len = 0; len < call.file.len; len += 241) {
        struct fault fault;
        char remark[256];
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, call.file.at, len);
        read_all((struct bytes){exact, len}, &fault, remark);
        ck_assert_uint_le(fault.offset, len);
        free(exact);
    }
    heardcall_free(&call);
}
END_TEST

/* Firefox and Chromium with each other, without us: Firefox's own SSLKEYLOGFILE. */
START_TEST(two_browsers_and_the_key_log_of_one)
{
    struct bytes file = suite_file("tests/corpus/pcap/firefox-chromium-call.pcap");
    struct bytes keys = suite_file("tests/corpus/pcap/firefox-chromium-call.keys");
    options.keylog = keys;
    struct seen n = read_good(file);
    ck_assert_uint_eq(n.sealed, 0);
    ck_assert_uint_gt(n.opened, 40);
    ck_assert_uint_eq(n.finished, 6); /* RFC 6347 §4.2.4: flights were sent again */
    options = (struct explain_options){0};
    n = read_good(file);
    ck_assert_uint_gt(n.sealed, 40);
    free((void *)(uintptr_t)file.at);
    free((void *)(uintptr_t)keys.at);
}
END_TEST

/* The head of a pcap of raw IP. */
static struct writer begin_capture(uint8_t *room, size_t len)
{
    struct writer w = writer_of(room, len);
    write_u32(&w, 0xA1B2C3D4);
    write_u32(&w, 0x00020004);
    write_u64(&w, 0);
    write_u32(&w, 65535);
    write_u32(&w, CAPTURE_RAW);
    return w;
}

/* An Ethernet-less packet: IPv4 and UDP around a payload, of a pcap of raw IP. */
static void put_packet(struct writer *w, uint16_t from, uint16_t to, struct bytes payload)
{
    write_u32(w, 0);
    write_u32(w, 0);
    write_u32(w, (uint32_t)(28 + payload.len));
    write_u32(w, (uint32_t)(28 + payload.len));
    write_u16(w, 0x4500);
    write_u16(w, (uint16_t)(28 + payload.len));
    write_u32(w, 0);
    write_u32(w, 0x40110000);
    write_u32(w, 0xC0000201);
    write_u32(w, 0xC0000202);
    write_u16(w, from);
    write_u16(w, to);
    write_u16(w, (uint16_t)(8 + payload.len));
    write_u16(w, 0);
    write_bytes(w, payload);
}

/* A question whose number begins like DTLS, one like RTP: they are neither, and make nobody's port
 * one that is encrypted. */
START_TEST(questions_for_names_are_no_media)
{
    static const uint8_t dtls[] = {0x16, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    static const uint16_t ports[][2] = {{4000, 53}, {53, 4000}, {5353, 5353}, {4000, 6000}};
    uint8_t room[1024];
    struct writer w = begin_capture(room, sizeof room);
    for (size_t i = 0; i < COUNT(ports); i++) {
        bool dns = i + 1 < COUNT(ports);
        if (dns) put_packet(&w, ports[i][0], ports[i][1], (struct bytes){dtls, sizeof dtls});
        put_packet(&w, ports[i][0], ports[i][1], (struct bytes){rtp, sizeof rtp});
    }
    size_t clear = 0, plain = 0;
    struct captureread *read = captureread_new(writer_done(&w), &options);
    for (const struct captured *p; (p = captureread_next(read));) {
        plain += strcmp(p->protocol, "udp") == 0 && !p->x;
        clear += strcmp(p->protocol, "rtp") == 0;
    }
    ck_assert_uint_eq(plain, 6);
    ck_assert_uint_eq(clear, 1);
    captureread_free(read);
}
END_TEST

/* What the only packet of UDP, from port 4000 to `to`, is said to be; whether it was explained. */
static bool is_said_to_be(uint16_t to, struct bytes payload, const char *protocol)
{
    uint8_t room[4096];
    struct writer w = begin_capture(room, sizeof room);
    put_packet(&w, 4000, to, payload);
    struct captureread *read = captureread_new(writer_done(&w), &options);
    const struct captured *p = captureread_next(read);
    ck_assert_ptr_nonnull(p);
    ck_assert_str_eq(p->protocol, protocol);
    bool told = p->x != NULL;
    if (told) explained_is_sound(p->x);
    ck_assert_ptr_null(captureread_next(read));
    captureread_free(read);
    return told;
}

/* RFC 7983 §7: 64 to 79 are TURN's channels, the rest of the space is nobody's. */
START_TEST(first_bytes_of_nobody_we_know)
{
    static const uint8_t channel[] = {0x40, 0, 0, 4, 1, 2, 3, 4}, nobody[] = {0xFF, 1, 2, 3};
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    ck_assert(!is_said_to_be(6000, (struct bytes){channel, sizeof channel}, "udp"));
    ck_assert(!is_said_to_be(6000, (struct bytes){nobody, sizeof nobody}, "udp"));
    ck_assert(is_said_to_be(6000, (struct bytes){rtp, sizeof rtp}, "rtp"));
    ck_assert(!is_said_to_be(5353, (struct bytes){rtp, sizeof rtp}, "udp")); /* RFC 6762 §6.7 */
}
END_TEST

#define DESCRIPTION                                                                                \
    "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 96\r\n"                  \
    "c=IN IP4 192.0.2.1\r\na=rtpmap:96 %s/48000/2\r\n"

/* RFC 2974 §6: who announces has 4 or 16 bytes, then come words of authentication; the type may be
 * left out before SDP. */
static struct bytes announcement(uint8_t *room, size_t len, bool ipv6, uint8_t words,
                                 const char *type, const char *description)
{
    struct writer w = writer_of(room, len);
    write_u8(&w, ipv6 ? 0x30 : 0x20);
    write_u8(&w, words);
    write_u16(&w, 7);
    write_zeros(&w, (ipv6 ? 16 : 4) + 4u * words);
    if (type) {
        write_text(&w, type);
        write_u8(&w, 0);
    }
    write_text(&w, description);
    return writer_done(&w);
}

START_TEST(announcements_of_every_shape)
{
    /* What is none is looked at as on any port: 0x20 is in the range of DTLS (RFC 7983 7). */
    static const struct {
        bool ipv6;
        uint8_t words;
        const char *type, *text, *is;
    } rows[] = {{false, 0, "application/sdp", "v=0\r\n", "sdp"},
                {true, 0, "application/sdp", "v=0\r\n", "sdp"},
                {false, 3, "application/sdp", "v=0\r\n", "sdp"},
                {true, 255, NULL, "v=0\r\n", "sdp"},
                {false, 0, NULL, "v=0\r\n", "sdp"},
                {false, 0, "application/sdp", "hello", "dtls"},
                {false, 0, "text/plain", "v=0\r\n", "dtls"},
                {false, 0, NULL, "", "dtls"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[2048];
        struct bytes all = announcement(room, sizeof room, rows[i].ipv6, rows[i].words,
                                        rows[i].type, rows[i].text);
        ck_assert(is_said_to_be(9875, all, rows[i].is));
    }
    static const uint8_t cut[] = {0x30, 1, 0, 7, 1, 2, 3};
    ck_assert(is_said_to_be(9875, (struct bytes){cut, sizeof cut}, "dtls"));
}
END_TEST

/* The first description that can be read names the payload types. */
START_TEST(the_first_good_description_counts)
{
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    uint8_t room[4096], sap[1024];
    char text[400];
    struct writer w = begin_capture(room, sizeof room);
    put_packet(&w, 4000, 6000, (struct bytes){rtp, sizeof rtp});
    put_packet(&w, 4000, 9875, announcement(sap, sizeof sap, false, 0, NULL, "v=0\r\nbad\r\n"));
    snprintf(text, sizeof text, DESCRIPTION, "first");
    put_packet(&w, 4000, 9875, announcement(sap, sizeof sap, false, 0, NULL, text));
    snprintf(text, sizeof text, DESCRIPTION, "second");
    put_packet(&w, 4000, 9875, announcement(sap, sizeof sap, false, 0, NULL, text));
    struct captureread *read = captureread_new(writer_done(&w), &options);
    const struct captured *p = captureread_next(read);
    ck_assert(p && p->x && explained_summary_has(p->x, "RTP first payload type 96"));
    captureread_free(read);
}
END_TEST

/* A frame that the capture cut, and a first fragment, may say anything: nothing is read of them. */
START_TEST(parts_of_datagrams_are_not_looked_into)
{
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    static const uint8_t dtls[] = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    for (int how = 0; how < 3; how++) {
        uint8_t room[512];
        struct writer w = begin_capture(room, sizeof room);
        size_t at = writer_len(&w) + 16;
        put_packet(&w, 4000, 6000, (struct bytes){dtls, sizeof dtls});
        if (how == 1) room[at + 3] += 8, room[at + 25] += 8; /* IP and UDP: longer than is here */
        if (how == 2) room[at + 6] = 0x20;                   /* more fragments: RFC 791 3.1 */
        put_packet(&w, 4000, 6000, (struct bytes){rtp, sizeof rtp});
        struct captureread *read = captureread_new(writer_done(&w), &options);
        const struct captured *p = captureread_next(read);
        ck_assert_int_eq(p->x != NULL, how == 0);
        ck_assert_str_eq(p->protocol, how == 0 ? "dtls" : "udp");
        p = captureread_next(read);
        /* Only a record that was read makes the port one that is encrypted. */
        ck_assert_str_eq(p->protocol, how == 0 ? "srtp" : "rtp");
        captureread_free(read);
    }
}
END_TEST

/* Who speaks DTLS is sealed, whoever sends to it or hears from it. */
START_TEST(either_end_makes_it_sealed)
{
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    static const uint8_t dtls[] = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    static const struct {
        uint16_t from, to;
        const char *is;
    } rows[] = {{4000, 7000, "srtp"},
                {7001, 4000, "rtp"},
                {6000, 7000, "rtp"},
                {7000, 6000, "srtp"},
                {7000, 7001, "rtp"}};
    uint8_t room[1024];
    struct writer w = begin_capture(room, sizeof room);
    put_packet(&w, 4000, 6000, (struct bytes){dtls, sizeof dtls}); /* .1:4000 and .2:6000 */
    for (size_t i = 0; i < COUNT(rows); i++)
        put_packet(&w, rows[i].from, rows[i].to, (struct bytes){rtp, sizeof rtp});
    struct captureread *read = captureread_new(writer_done(&w), &options);
    captureread_next(read);
    for (size_t i = 0; i < COUNT(rows); i++)
        ck_assert_str_eq(captureread_next(read)->protocol, rows[i].is);
    captureread_free(read);
}
END_TEST

/* pcapng 4.7: secrets of WireGuard or ZigBee are no key log. */
START_TEST(secrets_of_another_kind)
{
    heardcall_read(&call, HEARDCALL_CHROMIUM);
    struct bytes block = heardcall_secrets(&call);
    uint8_t *copy = malloc(call.file.len);
    memcpy(copy, call.file.at, call.file.len);
    copy[(size_t)(block.at - call.file.at) + 8] ^= 1; /* the type */
    struct seen n = read_good((struct bytes){copy, call.file.len});
    ck_assert_uint_eq(n.opened + n.finished, 0);
    ck_assert_uint_gt(n.sealed, 10);
    free(copy);
    heardcall_free(&call);
}
END_TEST

/* More ports of DTLS than are remembered: the rest counts as clear. */
START_TEST(more_sealed_ports_than_are_remembered)
{
    enum { SEALED_MAX = 4096, PAIRS = SEALED_MAX / 2 + 1 };
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    static const uint8_t dtls[] = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    size_t len = 1000 + PAIRS * 64, last = 10000 + PAIRS - 1;
    uint8_t *room = malloc(len);
    struct writer w = begin_capture(room, len);
    for (size_t i = 0; i < PAIRS; i++)
        put_packet(&w, (uint16_t)(10000 + i), (uint16_t)(10000 + i),
                   (struct bytes){dtls, sizeof dtls});
    put_packet(&w, (uint16_t)(last - 1), 9, (struct bytes){rtp, sizeof rtp});
    put_packet(&w, (uint16_t)last, 9, (struct bytes){rtp, sizeof rtp});
    ck_assert_int_eq(w.err, OK);
    struct captureread *read = captureread_new(writer_done(&w), &options);
    for (size_t i = 0; i < PAIRS; i++) ck_assert_str_eq(captureread_next(read)->protocol, "dtls");
    ck_assert_str_eq(captureread_next(read)->protocol, "srtp");
    ck_assert_str_eq(captureread_next(read)->protocol, "rtp");
    captureread_free(read);
    free(room);
}
END_TEST

/* A description without a payload type is the first one all the same. */
START_TEST(a_first_description_of_nothing)
{
    static const uint8_t rtp[] = {0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9};
    static const uint8_t ping[] = {0x45, 0, 0,   28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0,
                                   2,    1, 192, 0,  2, 2, 8, 0, 0,  0, 0, 0, 0,   0};
    uint8_t room[4096], sap[1024];
    char text[400];
    struct writer w = begin_capture(room, sizeof room);
    put_packet(&w, 4000, 9875,
               announcement(sap, sizeof sap, false, 0, NULL,
                            "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"));
    snprintf(text, sizeof text, DESCRIPTION, "second");
    put_packet(&w, 4000, 9875, announcement(sap, sizeof sap, false, 0, NULL, text));
    write_u64(&w, 0); /* ICMP, which has no ports */
    write_u32(&w, sizeof ping);
    write_u32(&w, sizeof ping);
    write_bytes(&w, (struct bytes){ping, sizeof ping});
    put_packet(&w, 4000, 6000, (struct bytes){rtp, sizeof rtp});
    struct captureread *read = captureread_new(writer_done(&w), &options);
    ck_assert_str_eq(captureread_next(read)->protocol, "sdp");
    ck_assert_str_eq(captureread_next(read)->protocol, "sdp");
    const struct captured *p = captureread_next(read);
    ck_assert(strcmp(p->protocol, "ip") == 0 && !p->x);
    p = captureread_next(read);
    ck_assert(p && p->x && explained_summary_has(p->x, "RTP payload type 96"));
    captureread_free(read);
}
END_TEST

/* A segment of TCP, as put_packet's of UDP. */
static void put_segment(struct writer *w, uint32_t seq, bool syn, struct bytes payload)
{
    uint32_t len = (uint32_t)(40 + payload.len);
    write_u64(w, 0);
    write_u32(w, len);
    write_u32(w, len);
    write_u16(w, 0x4500);
    write_u16(w, (uint16_t)len);
    write_u32(w, 0);
    write_u32(w, 0x40060000);
    write_u32(w, 0xC0000201);
    write_u32(w, 0xC0000202);
    write_u16(w, 4000);
    write_u16(w, 6000);
    write_u32(w, seq);
    write_u32(w, 0);
    write_u16(w, syn ? 0x5002 : 0x5010);
    write_zeros(w, 6);
    write_bytes(w, payload);
}

/* RFC 4571 frames in one segment: a check, a channel of TURN's, sound. What nobody explains is not
 * among what more there is. */
START_TEST(frames_of_a_segment)
{
    static const uint8_t frames[] = {
        0, 20, 0,    1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,  12,
        0, 4,  0x40, 0, 0, 0, 0,    13,   0x80, 111,  0, 1, 0, 0, 0, 1, 0, 0, 0, 2,  0xFC};
    uint8_t room[512];
    struct writer w = begin_capture(room, sizeof room);
    put_segment(&w, 0, true, (struct bytes){NULL, 0});
    put_segment(&w, 1, false, (struct bytes){frames, sizeof frames});
    struct captureread *read = captureread_new(writer_done(&w), &options);
    captureread_next(read);
    const struct captured *p = captureread_next(read);
    ck_assert(p && p->x);
    ck_assert_str_eq(explain_type(p->x), "stun");
    ck_assert_uint_eq(p->more_count, 1);
    ck_assert_str_eq(explain_type(p->more[0].x), "rtp");
    captureread_free(read);
}
END_TEST

SUITE("apps captureread", the_secrets_in_the_file_open_it, secrets_may_come_last_or_from_elsewhere,
      a_wrong_key_log_is_remarked_upon, what_was_opened_is_what_was_inside,
      pitfall_12_the_last_part_shows_the_whole_hello,
      payloads_are_named_by_the_captures_own_description, each_beginning_of_the_file_ends_well,
      two_browsers_and_the_key_log_of_one, questions_for_names_are_no_media,
      first_bytes_of_nobody_we_know, announcements_of_every_shape,
      the_first_good_description_counts, parts_of_datagrams_are_not_looked_into,
      either_end_makes_it_sealed, secrets_of_another_kind, more_sealed_ports_than_are_remembered,
      a_first_description_of_nothing, frames_of_a_segment)
