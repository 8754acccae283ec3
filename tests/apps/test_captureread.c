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
    struct writer w = writer_of(room, sizeof room);
    write_u32(&w, 0xA1B2C3D4);
    write_u32(&w, 0x00020004);
    write_u64(&w, 0);
    write_u32(&w, 65535);
    write_u32(&w, CAPTURE_RAW);
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

SUITE("apps captureread", the_secrets_in_the_file_open_it, secrets_may_come_last_or_from_elsewhere,
      a_wrong_key_log_is_remarked_upon, what_was_opened_is_what_was_inside,
      pitfall_12_the_last_part_shows_the_whole_hello,
      payloads_are_named_by_the_captures_own_description, each_beginning_of_the_file_ends_well,
      two_browsers_and_the_key_log_of_one, questions_for_names_are_no_media)
