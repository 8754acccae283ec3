/* What anyone may write while nothing is encrypted: fragments in any order, garbage, floods. */
#include "dtls/gate.h"
#include "dtls/record.h"
#include "tests/dtls/foreign.h"
#include "tests/suite.h"

#define SEEDS "fuzz/corpus/dtls_record/"

static void load(const char *path, struct packet *p)
{
    struct bytes file = suite_file(path);
    packet_reset(p);
    ck_assert(packet_set(p, file));
    free((void *)(uintptr_t)file.at);
}

static struct dtls *new_server(void)
{
    if (!pair_identities[0]) pair_identities[0] = dtls_identity_new(PAIR_UNIX_SEC);
    struct dtls *dtls =
        dtls_new(&(struct dtls_config){.identity = pair_identities[0], .role = DTLS_SERVER});
    ck_assert_ptr_nonnull(dtls);
    return dtls;
}

/* Did the server answer with a ServerHello that chose AEAD_AES_128_GCM for SRTP? */
static bool answered(struct dtls *dtls)
{
    struct packet out;
    struct dtls_hello hello;
    packet_reset(&out);
    if (!dtls_output(dtls, &out, 0)) return false;
    struct reader r = reader_of(packet_bytes(&out));
    struct dtls_record record;
    struct dtls_fragment fragment;
    ck_assert(dtls_record_next(&r, &record));
    struct reader body = reader_of(record.body);
    ck_assert(dtls_fragment_next(&body, &fragment));
    ck_assert_int_eq(fragment.type, DTLS_SERVER_HELLO);
    ck_assert_int_eq(dtls_server_hello_parse(&hello, fragment.body), OK);
    ck_assert_uint_eq(hello.version, DTLS_VERSION_1_2);
    ck_assert_uint_eq(dtls_u16s_at(hello.cipher_suites, 0), 0xC02B);
    ck_assert_uint_eq(dtls_u16s_at(hello.srtp_profiles, 0), DTLS_SRTP_AEAD_AES_128_GCM);
    return true;
}

static const struct {
    const char *first, *second;
} browsers[] = {{SEEDS "chromium_hello_1", SEEDS "chromium_hello_2"},
                {SEEDS "firefox_hello_1", SEEDS "firefox_hello_2"}};

START_TEST(pitfall_12_hello_of_browsers_in_two_datagrams)
{
    /* The order in which the two parts come; each must be answered by its last step. */
    static const int orders[][6] = {{1, 2},    {2, 1},       {1, 1, 2},
                                    {2, 2, 1}, {1, 1, 1, 2}, {2, 1, 2, 1}};
    for (size_t b = 0; b < COUNT(browsers); b++)
        for (size_t o = 0; o < COUNT(orders); o++)
            for (int kept = 0; kept < 2; kept++) {
                struct packet part[2];
                load(browsers[b].first, &part[0]);
                load(browsers[b].second, &part[1]);
                struct dtls *dtls = new_server();
                if (!kept) dtls_start(dtls, 0);
                for (size_t i = 0; i < COUNT(orders[o]) && orders[o][i]; i++) {
                    /* A repetition has another record number (RFC 6347 4.2.4). */
                    part[orders[o][i] - 1].at[10] = (uint8_t)i;
                    dtls_input(dtls, &part[orders[o][i] - 1], 0);
                }
                if (kept) dtls_start(dtls, 0);
                ck_assert(answered(dtls));
                dtls_free(dtls);
            }
}
END_TEST

START_TEST(pitfall_12_half_a_hello_waits_for_its_other_half)
{
    for (size_t b = 0; b < COUNT(browsers); b++)
        for (int half = 0; half < 2; half++) {
            struct packet part[2];
            load(browsers[b].first, &part[0]);
            load(browsers[b].second, &part[1]);
            struct dtls *dtls = new_server();
            dtls_start(dtls, 0);
            for (int i = 0; i < 3; i++) {
                ck_assert_int_eq(dtls_input(dtls, &part[half], 0), OK);
                ck_assert(!answered(dtls));
            }
            ck_assert_int_eq(dtls_input(dtls, &part[1 - half], 0), OK);
            ck_assert(answered(dtls));
            dtls_free(dtls);
        }
}
END_TEST

static struct rng shuffle_rng;
static uint64_t shuffle_seq[2];

/* Each plain handshake message in pieces of any size, each its own datagram at another time, some
 * twice; all plain records numbered anew, as nobody may send two with one number. */
static void send_in_pieces(struct pair *pair, int from, const struct packet *packet)
{
    struct reader r = reader_of(packet_bytes(packet));
    struct packet out;
    packet_reset(&out);
    for (struct dtls_record record; dtls_record_next(&r, &record);) {
        struct reader body = reader_of(record.body);
        struct dtls_fragment f = {0};
        bool plain = record.epoch == 0;
        if (!plain || record.type != DTLS_CONTENT_HANDSHAKE) {
            packet_set(&out, record.all);
            struct writer seq = writer_of(out.at + 5, 6);
            if (plain) write_u48(&seq, shuffle_seq[from]++);
            pair_fly(pair, 1 - from, &out);
            continue;
        }
        while (dtls_fragment_next(&body, &f)) {
            size_t at = 0;
            do {
                size_t n = 1 + rng_below(&shuffle_rng, 120);
                struct bytes piece = bytes_slice(f.body, at, n);
                struct writer w = packet_writer(&out);
                write_u8(&w, record.type);
                write_u16(&w, record.version);
                write_u16(&w, 0);
                write_u48(&w, shuffle_seq[from]++);
                write_u16(&w, (uint16_t)(DTLS_FRAGMENT_HEADER + piece.len));
                write_u8(&w, f.type);
                write_u24(&w, f.length);
                write_u16(&w, f.message_seq);
                write_u24(&w, (uint32_t)(f.offset + at));
                write_u24(&w, (uint32_t)piece.len);
                write_bytes(&w, piece);
                out.len = writer_len(&w);
                pair_fly(pair, 1 - from, &out);
                if (rng_below(&shuffle_rng, 4) == 0) pair_fly(pair, 1 - from, &out);
                at += n;
            } while (at < f.body.len);
        }
    }
}

START_TEST(inv_38_fragments_of_all_sizes_in_any_order)
{
    rng_init_number(&shuffle_rng, 3);
    for (int round = 0; round < 50; round++) {
        struct pair pair;
        pair_init(&pair, MS(1), MS(50));
        pair.jitter = &shuffle_rng;
        pair.send = send_in_pieces;
        shuffle_seq[0] = shuffle_seq[1] = 0;
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        pair_run(&pair, SEC(60));
        ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CONNECTED);
        ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
        pair_free(&pair);
    }
}
END_TEST

/* Random bytes, random records, and records with a good header and a random body. No well-formed
 * messages of the right side: those end an unauthenticated handshake by design (RFC 6347 4.2.8),
 * which is why only validated addresses get this far. */
static void make_garbage(struct packet *p, struct rng *rng)
{
    struct writer w = packet_writer(p);
    static const uint8_t types[] = {DTLS_CONTENT_HANDSHAKE,
                                    DTLS_CONTENT_ALERT,
                                    DTLS_CONTENT_APPLICATION_DATA,
                                    DTLS_CONTENT_HEARTBEAT,
                                    DTLS_CONTENT_ACK,
                                    0x3F,
                                    0x20};
    uint8_t body[300];
    size_t len = rng_below(rng, sizeof body);
    rng_fill(rng, body, sizeof body);
    write_u8(&w, types[rng_below(rng, COUNT(types))]);
    write_u16(&w, rng_below(rng, 4) ? DTLS_VERSION_1_2 : (uint16_t)rng_u32(rng));
    write_u16(&w, (uint16_t)rng_below(rng, 3));
    write_u48(&w, rng_below(rng, 40));
    write_u16(&w, rng_below(rng, 4) ? (uint16_t)len : (uint16_t)rng_u32(rng));
    write_bytes(&w, (struct bytes){body, len});
    p->len = writer_len(&w);
}

START_TEST(inv_1_spray_of_garbage_costs_nothing)
{
    struct rng rng;
    rng_init_number(&rng, 4);
    for (int round = 0; round < 50; round++) {
        struct pair pair;
        pair_init(&pair, MS(5), 0);
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        for (usec t = 0; t <= MS(25); t += USEC(100)) {
            struct packet p;
            pair_run(&pair, t);
            pair_clock = pair.now = t;
            packet_reset(&p);
            make_garbage(&p, &rng);
            dtls_input(pair.side[round % 2], &p, t);
        }
        pair_run(&pair, SEC(60));
        ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CONNECTED);
        ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
        ck_assert_int_le(pair.now, MS(26)); /* nobody had to repeat anything */
        const struct dtls_counters *c = dtls_counters(pair.side[round % 2]);
        ck_assert_uint_gt(c->malformed + c->unexpected + c->reassembly_full + c->early_full, 100);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(messages_from_the_wrong_side_are_dropped)
{
    struct pair pair;
    struct packet p;
    pair_init(&pair, MS(1), 0);
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    load(SEEDS "firefox_server_flight", &p);
    p.len = DTLS_RECORD_HEADER + 0x6C; /* its ServerHello */
    ck_assert_int_eq(dtls_input(pair.side[PAIR_SERVER], &p, 0), E_STATE);
    load(SEEDS "chromium_hello_1", &p);
    ck_assert_int_eq(dtls_input(pair.side[PAIR_CLIENT], &p, 0), E_STATE);
    load(SEEDS "dtls13_unified", &p);
    ck_assert_int_eq(dtls_input(pair.side[PAIR_CLIENT], &p, 0), E_UNSUPPORTED);
    pair_run(&pair, SEC(60));
    ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CONNECTED);
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
    pair_free(&pair);
}
END_TEST

static void write_alert(struct packet *p, uint16_t version, uint8_t level, uint8_t description)
{
    packet_reset(p);
    struct writer w = packet_writer(p);
    write_u8(&w, DTLS_CONTENT_ALERT);
    write_u16(&w, version);
    write_u16(&w, 0);
    write_u48(&w, 77);
    write_u16(&w, 2);
    write_u8(&w, level);
    write_u8(&w, description);
    p->len = writer_done(&w).len;
}

/* Alerts of all numbers, one each 100 us from before the first flight until after the last. */
START_TEST(inv_1_alerts_in_clear_end_nothing)
{
    for (int side = 0; side < 2; side++)
        for (uint64_t drop = 0; drop < 4; drop++) {
            struct pair pair;
            struct packet p;
            pair_init(&pair, MS(5), MS(10));
            pair.drop[1 - side] = drop;
            pair_introduce(&pair, DTLS_SHA256);
            pair_start(&pair);
            unsigned n = 0;
            for (usec t = 0; t <= SEC(1); t += USEC(100), n++) {
                pair_run(&pair, t);
                pair_clock = pair.now = t;
                write_alert(&p, DTLS_VERSION_1_2, n & 1 ? 2 : 1, (uint8_t)(n / 2));
                ck_assert_int_eq(dtls_input(pair.side[side], &p, t), E_STATE);
            }
            pair_run(&pair, SEC(60));
            for (int i = 0; i < 2; i++) {
                ck_assert_int_eq(pair_state(&pair, i), DTLS_CONNECTED);
                ck_assert_ptr_null(dtls_status(pair.side[i]).alert);
            }
            ck_assert_uint_gt(dtls_counters(pair.side[side])->unproved_alerts, 10);
            pair_free(&pair);
        }
}
END_TEST

START_TEST(an_alert_in_clear_is_believed_when_silence_follows)
{
    static const struct {
        uint8_t level, description;
        enum dtls_state then;
    } rows[] = {{2, 40, DTLS_FAILED},     {2, 0, DTLS_FAILED},      {1, 0, DTLS_FAILED},
                {1, 40, DTLS_CONNECTING}, {3, 40, DTLS_CONNECTING}, {2, 77, DTLS_CONNECTING}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pair pair;
        struct packet p;
        pair_init(&pair, MS(5), MS(10));
        dtls_start(pair.side[PAIR_CLIENT], 0);
        write_alert(&p, DTLS_VERSION_1_0, rows[i].level, rows[i].description);
        pair_clock = pair.now = MS(100);
        dtls_input(pair.side[PAIR_CLIENT], &p, pair.now);
        dtls_input(pair.side[PAIR_CLIENT], &p, pair.now + SEC(3)); /* does not start it anew */
        pair_run(&pair, MS(100) + DTLS_ALERT_WAIT - 1);
        ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CONNECTING);
        pair_run(&pair, SEC(7));
        ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), rows[i].then);
        pair_free(&pair);
    }
}
END_TEST

/* Where flights are repeated each 5 s, five seconds of silence say nothing. */
START_TEST(inv_1_an_alert_in_clear_waits_for_six_repeats)
{
    struct pair pair;
    struct packet p;
    pair_init(&pair, MS(5), MS(10));
    dtls_start(pair.side[PAIR_CLIENT], 0);
    pair_run(&pair, SEC(2));
    pair_clock = pair.now = SEC(2);
    uint64_t before = dtls_counters(pair.side[PAIR_CLIENT])->retransmissions;
    write_alert(&p, DTLS_VERSION_1_2, 2, 40);
    dtls_input(pair.side[PAIR_CLIENT], &p, pair.now);
    while (pair_state(&pair, PAIR_CLIENT) == DTLS_CONNECTING) {
        ck_assert_uint_lt(dtls_counters(pair.side[PAIR_CLIENT])->retransmissions - before,
                          DTLS_ALERT_REPEATS);
        pair_run(&pair, pair.now + MS(1));
        pair.now += MS(1);
    }
    ck_assert_int_gt(pair.now, SEC(2) + 3 * DTLS_TIMER_CAP);
    ck_assert_str_eq(dtls_status(pair.side[PAIR_CLIENT]).alert, "handshake_failure");
    pair_free(&pair);
}
END_TEST

/* A server that has heard no ClientHello has said nothing that could be refused. */
START_TEST(an_alert_before_the_first_flight_is_nothing)
{
    struct pair pair;
    struct packet p;
    pair_init(&pair, MS(5), 0);
    dtls_start(pair.side[PAIR_SERVER], 0);
    write_alert(&p, DTLS_VERSION_1_2, 2, 40);
    ck_assert_int_eq(dtls_input(pair.side[PAIR_SERVER], &p, 0), E_STATE);
    ck_assert_int_eq(dtls_deadline(pair.side[PAIR_SERVER]), DTLS_GIVE_UP);
    pair_free(&pair);
}
END_TEST

/* Records with keys of each length up to `most`, none of which opens. */
static void spray_short_records(struct dtls *dtls, size_t most)
{
    static const uint8_t types[] = {DTLS_CONTENT_ALERT, DTLS_CONTENT_HANDSHAKE};
    struct packet p;
    packet_reset(&p);
    for (size_t i = 0; i < COUNT(types); i++)
        for (size_t len = 0; len <= most; len++) {
            struct writer w = packet_writer(&p);
            write_u8(&w, types[i]);
            write_u16(&w, DTLS_VERSION_1_2);
            write_u16(&w, 1);
            write_u48(&w, 5 + len);
            write_u16(&w, (uint16_t)len);
            write_zeros(&w, len);
            p.len = writer_len(&w);
            dtls_input(dtls, &p, 0);
        }
}

/* foreign_talk, but each record of the foreign peer comes by itself, and a spray behind it: one of
 * them between its ChangeCipherSpec and its Finished. */
static void talk_beside_a_spray(struct foreign *f, struct dtls *dtls, size_t most)
{
    struct packet p, one;
    struct dtls_record record;
    packet_reset(&p);
    packet_reset(&one);
    foreign_step(f, (struct bytes){0});
    for (bool more = true; more;) {
        more = false;
        while (dtls_pipe_pop(&f->pipe, &p)) {
            struct reader r = reader_of(packet_bytes(&p));
            while (dtls_record_next(&r, &record)) {
                packet_set(&one, record.all);
                dtls_input(dtls, &one, 0);
                spray_short_records(dtls, most);
            }
            more = true;
        }
        while (dtls_output(dtls, &p, 0)) {
            foreign_step(f, packet_bytes(&p));
            more = true;
        }
    }
}

/* OpenSSL ends the connection for one of these, in some versions: 3.0.19 does. */
START_TEST(inv_1_records_too_short_for_a_tag_end_nothing)
{
    static const struct {
        const char *suite;
        size_t overhead;
    } suites[] = {{"ECDHE-ECDSA-AES128-GCM-SHA256", 24},
                  {"ECDHE-ECDSA-AES256-GCM-SHA384", 24},
                  {"ECDHE-ECDSA-CHACHA20-POLY1305", 16}};
    if (!pair_identities[0]) pair_identities[0] = dtls_identity_new(PAIR_UNIX_SEC);
    for (size_t i = 0; i < 2 * COUNT(suites); i++) {
        bool server = i % 2;
        size_t overhead = suites[i / 2].overhead;
        struct foreign f;
        foreign_init(&f, &(struct foreign_config){.server = server,
                                                  .srtp = "SRTP_AEAD_AES_128_GCM",
                                                  .suites = suites[i / 2].suite});
        struct dtls *dtls = dtls_new(&(struct dtls_config){
            .identity = pair_identities[0], .role = server ? DTLS_CLIENT : DTLS_SERVER});
        struct dtls_fingerprint fp = foreign_fingerprint(&f);
        dtls_set_remote_fingerprints(dtls, &fp, 1, 0);
        dtls_start(dtls, 0);
        spray_short_records(dtls, 30);
        talk_beside_a_spray(&f, dtls, 30);
        ck_assert_int_eq(dtls_status(dtls).state, DTLS_CONNECTED);
        ck_assert(f.done && !f.failed);
        /* Lengths from 0 on, two types: behind ChangeCipherSpec, and at least once after all. */
        ck_assert_uint_ge(dtls_counters(dtls)->malformed, 2 * 2 * overhead);
        dtls_free(dtls);
        foreign_free(&f);
    }
}
END_TEST

/* A bit flipped in the header of a record costs that record, and no more. */
START_TEST(inv_1_flipped_headers_cost_a_record)
{
    for (size_t bit = 0; bit < 8 * DTLS_RECORD_HEADER; bit++)
        for (int side = 0; side < 2; side++) {
            struct pair pair;
            struct packet p;
            pair_init(&pair, MS(5), MS(10));
            pair_introduce(&pair, DTLS_SHA256);
            pair_start(&pair);
            pair_run(&pair, MS(12) * side);
            packet_copy(&p, &pair.last[side]);
            p.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            dtls_input(pair.side[1 - side], &p, pair.now);
            pair_run(&pair, SEC(60));
            for (int i = 0; i < 2; i++)
                ck_assert_msg(pair_state(&pair, i) == DTLS_CONNECTED, "bit %d", (int)bit);
            pair_free(&pair);
        }
}
END_TEST

/* OpenSSL's memory, counted: its allocator is ours from before its first use. */
static size_t openssl_bytes;

union block {
    size_t len;
    max_align_t align;
};

static void *counted_malloc(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    union block *b = malloc(sizeof *b + len);
    if (!b) return NULL;
    b->len = len;
    openssl_bytes += len;
    return b + 1;
}

static void counted_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    if (!at) return;
    union block *b = (union block *)at - 1;
    openssl_bytes -= b->len;
    free(b);
}

static void *counted_realloc(void *at, size_t len, const char *file, int line)
{
    void *to = counted_malloc(len, file, line);
    if (at && to) {
        size_t old = ((union block *)at - 1)->len;
        memcpy(to, at, old < len ? old : len);
        counted_free(at, file, line);
    }
    return to;
}

static void write_fragment(struct packet *p, uint64_t seq, uint8_t type, uint32_t length,
                           uint16_t message_seq, uint32_t offset, size_t len)
{
    struct writer w = packet_writer(p);
    write_u8(&w, DTLS_CONTENT_HANDSHAKE);
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, 0);
    write_u48(&w, seq);
    write_u16(&w, (uint16_t)(DTLS_FRAGMENT_HEADER + len));
    write_u8(&w, type);
    write_u24(&w, length);
    write_u16(&w, message_seq);
    write_u24(&w, offset);
    write_u24(&w, (uint32_t)len);
    write_zeros(&w, len);
    p->len = writer_len(&w);
}

static void write_encrypted(struct packet *p, uint64_t seq, uint8_t type)
{
    struct writer w = packet_writer(p);
    write_u8(&w, type);
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, 1);
    write_u48(&w, seq);
    write_u16(&w, 1000);
    write_zeros(&w, 1000);
    p->len = writer_len(&w);
}

/* All that a peer can write before it is authenticated, thousands of times: the beginnings of
 * messages that never become whole, and records that nobody can decrypt. Certificates, since either
 * side may send one. */
static void flood(struct dtls *dtls)
{
    static const uint32_t lengths[] = {2, 100, 4000, 8000, 8192, 8193, 16385, 17740, 0xFFFFFF};
    static const uint8_t types[] = {DTLS_CONTENT_HANDSHAKE, DTLS_CONTENT_APPLICATION_DATA,
                                    DTLS_CONTENT_ALERT, DTLS_CONTENT_CHANGE_CIPHER_SPEC};
    struct packet p;
    packet_reset(&p);
    uint64_t seq = 100;
    for (uint16_t message = 0; message < 40; message++)
        for (size_t i = 0; i < COUNT(lengths); i++) {
            uint32_t length = lengths[(i + message) % COUNT(lengths)];
            size_t len = length <= 500 ? length - 1 : 500;
            write_fragment(&p, seq++, DTLS_CERTIFICATE, length, message, 0, len);
            dtls_input(dtls, &p, 0);
        }
    for (int i = 0; i < 500; i++) {
        write_encrypted(&p, (uint64_t)i, types[i % 4]);
        dtls_input(dtls, &p, 0);
    }
}

START_TEST(inv_37_a_half_open_handshake_keeps_less_than_64_kib)
{
    ck_assert_int_eq(CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free), 1);
    size_t worst = 0;
    for (int kind = 0; kind < 4; kind++) {
        struct pair pair;
        struct packet p;
        pair_init(&pair, MS(1), 0);
        if (kind != 3) dtls_start(pair.side[PAIR_SERVER], 0);
        if (kind != 0) dtls_start(pair.side[PAIR_CLIENT], 0);
        pair_run(&pair, kind == 2 ? MS(1) : 0); /* 2: the server has answered */
        int side = kind == 1 ? PAIR_CLIENT : PAIR_SERVER;
        /* One record makes OpenSSL take the buffers that any handshake has. */
        packet_reset(&p);
        write_fragment(&p, 99, DTLS_CERTIFICATE, 2, 9, 0, 1);
        dtls_input(pair.side[side], &p, 0);
        size_t before = openssl_bytes;
        flood(pair.side[side]);
        ck_assert_uint_lt(openssl_bytes, before + 24 * 1024);
        if (openssl_bytes - before > worst) worst = openssl_bytes - before;
        const struct dtls_counters *c = dtls_counters(pair.side[side]);
        if (kind != 3) ck_assert_uint_gt(c->reassembly_full, 100);
        ck_assert_uint_gt(c->early_full, 100);
        pair_free(&pair);
    }
    ck_assert_uint_gt(worst, 8 * 1024); /* the flood did arrive */
}
END_TEST

START_TEST(inv_37_a_thousand_half_open_handshakes)
{
    ck_assert_int_eq(CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free), 1);
    static struct dtls *all[1000];
    struct packet p;
    load(SEEDS "chromium_hello_1", &p);
    all[0] = new_server();
    dtls_free(all[0]);
    size_t before = openssl_bytes;
    for (size_t i = 0; i < COUNT(all); i++) {
        all[i] = new_server();
        dtls_start(all[i], 0);
        dtls_input(all[i], &p, 0);
    }
    ck_assert_uint_lt((openssl_bytes - before) / COUNT(all), 64 * 1024); /* all of OpenSSL's */
    for (size_t i = 0; i < COUNT(all); i++) dtls_free(all[i]);
    ck_assert_uint_le(openssl_bytes, before + 1024);
}
END_TEST

START_TEST(early_datagrams_are_kept_up_to_their_bound)
{
    struct packet p;
    struct dtls *dtls = new_server();
    packet_reset(&p);
    size_t kept = 0;
    enum err err = OK;
    while (err == OK) {
        write_encrypted(&p, kept, DTLS_CONTENT_HANDSHAKE);
        err = dtls_input(dtls, &p, 0);
        kept += err == OK;
    }
    ck_assert_int_eq(err, E_FULL);
    ck_assert_int_eq(dtls_fault(dtls)->err, E_FULL);
    ck_assert_uint_eq(kept, DTLS_EARLY_MAX / (2 + 1013));
    ck_assert_uint_eq(dtls_counters(dtls)->early_full, 1);
    dtls_free(dtls);
}
END_TEST

/* A Finished that opens nothing may come as often as it likes; of those that do there are ten. */
START_TEST(repeated_finished_is_let_through_ten_times)
{
    static const uint8_t bytes[13] = {0};
    struct dtls_gate gate = {.role = DTLS_SERVER};
    struct dtls_counters counters = {0};
    struct fault why;
    struct dtls_record record = {
        .type = DTLS_CONTENT_HANDSHAKE, .epoch = 1, .all = {bytes, sizeof bytes}};
    for (int i = 0; i < 2 * DTLS_GATE_REPEATS; i++) {
        bool pass = dtls_gate_admit(&gate, DTLS_GATE_DONE, &record, &why, &counters);
        ck_assert_int_eq(pass, i < DTLS_GATE_REPEATS);
        ck_assert_int_eq(why.err, pass ? OK : E_STATE);
        ck_assert(dtls_gate_admit(&gate, DTLS_GATE_DONE, &record, &why, &counters) == pass);
        gate.repeats++; /* it was true */
    }
    ck_assert_uint_eq(counters.unexpected, 2 * DTLS_GATE_REPEATS);
    record.type = DTLS_CONTENT_ALERT; /* alerts always */
    ck_assert(dtls_gate_admit(&gate, DTLS_GATE_DONE, &record, &why, &counters));
    record.type = DTLS_CONTENT_APPLICATION_DATA;
    ck_assert(!dtls_gate_admit(&gate, DTLS_GATE_DONE, &record, &why, &counters));
    ck_assert(!dtls_gate_admit(&gate, DTLS_GATE_KEYED, &record, &why, &counters));
    ck_assert(!dtls_gate_admit(&gate, DTLS_GATE_PLAIN, &record, &why, &counters));
    ck_assert_uint_eq(dtls_gate_kept(&gate), 0); /* early application data is not kept */
}
END_TEST

/* The server's last flight is lost, and until the client asks for it again somebody writes what
 * looks like its Finished. */
START_TEST(inv_1_forged_finished_messages_keep_no_true_one_out)
{
    for (uint64_t lost = 1; lost < 16; lost = 2 * lost + 1) {
        struct pair pair;
        struct packet p;
        pair_init(&pair, MS(5), MS(10));
        pair.drop[PAIR_SERVER] = lost << 1;
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        for (usec t = 0; t < SEC(2); t += MS(1)) {
            pair_run(&pair, t);
            pair_clock = pair.now = t;
            write_encrypted(&p, (uint64_t)t, DTLS_CONTENT_HANDSHAKE);
            if (pair_state(&pair, PAIR_SERVER) == DTLS_CONNECTED)
                dtls_input(pair.side[PAIR_SERVER], &p, t);
        }
        for (int i = 0; i < 2; i++) ck_assert_int_eq(pair_state(&pair, i), DTLS_CONNECTED);
        pair_free(&pair);
    }
}
END_TEST

/* And whoever repeats a true one gets our last flight no more than ten times. */
START_TEST(inv_14_a_finished_that_is_repeated_for_ever_is_answered_ten_times)
{
    struct pair pair;
    struct packet finished;
    pair_init(&pair, MS(5), MS(10));
    pair.drop[PAIR_SERVER] = ~(uint64_t)1; /* all that it sends after its first flight */
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, MS(30));
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
    size_t before = pair.sent[PAIR_SERVER];
    pair_run(&pair, SEC(29)); /* the client, twelve times */
    packet_copy(&finished, &pair.last[PAIR_CLIENT]);
    for (int i = 0; i < 50; i++) dtls_input(pair.side[PAIR_SERVER], &finished, pair.now);
    pair_run(&pair, pair.now);
    ck_assert_uint_eq(pair.sent[PAIR_SERVER] - before, DTLS_GATE_REPEATS);
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
    pair_free(&pair);
}
END_TEST

START_TEST(a_change_cipher_spec_passes_when_it_is_its_turn)
{
    static const uint8_t one[] = {1}, two[] = {2};
    static const enum dtls_gate_stage stages[] = {DTLS_GATE_PLAIN, DTLS_GATE_LAST, DTLS_GATE_KEYED,
                                                  DTLS_GATE_DONE};
    struct dtls_gate gate = {.role = DTLS_SERVER};
    struct dtls_counters counters = {0};
    struct fault why;
    struct dtls_record record = {
        .type = DTLS_CONTENT_CHANGE_CIPHER_SPEC, .version = DTLS_VERSION_1_2, .body = {one, 1}};
    for (size_t i = 0; i < COUNT(stages); i++) {
        bool pass = dtls_gate_admit(&gate, stages[i], &record, &why, &counters);
        ck_assert_int_eq(pass, stages[i] == DTLS_GATE_LAST);
        ck_assert_int_eq(why.err, pass ? OK : E_STATE);
    }
    ck_assert_uint_eq(counters.unexpected, 3);
    record.body = (struct bytes){two, 1};
    ck_assert(!dtls_gate_admit(&gate, DTLS_GATE_LAST, &record, &why, &counters));
    ck_assert_int_eq(why.err, E_MALFORMED);
    record.body = (struct bytes){one, 0};
    ck_assert(!dtls_gate_admit(&gate, DTLS_GATE_LAST, &record, &why, &counters));
    ck_assert_uint_eq(counters.malformed, 2);
}
END_TEST

SUITE("dtls gate", a_change_cipher_spec_passes_when_it_is_its_turn,
      repeated_finished_is_let_through_ten_times,
      inv_1_forged_finished_messages_keep_no_true_one_out,
      inv_14_a_finished_that_is_repeated_for_ever_is_answered_ten_times,
      pitfall_12_hello_of_browsers_in_two_datagrams,
      pitfall_12_half_a_hello_waits_for_its_other_half, inv_38_fragments_of_all_sizes_in_any_order,
      inv_1_spray_of_garbage_costs_nothing, messages_from_the_wrong_side_are_dropped,
      inv_1_alerts_in_clear_end_nothing, an_alert_in_clear_is_believed_when_silence_follows,
      inv_1_an_alert_in_clear_waits_for_six_repeats, an_alert_before_the_first_flight_is_nothing,
      inv_1_records_too_short_for_a_tag_end_nothing, inv_1_flipped_headers_cost_a_record,
      inv_37_a_half_open_handshake_keeps_less_than_64_kib, inv_37_a_thousand_half_open_handshakes,
      early_datagrams_are_kept_up_to_their_bound)
