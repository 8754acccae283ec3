#include "base/packet.h"
#include "rtp/protect.h"
#include "tests/suite.h"

#include <srtp2/srtp.h>

static const uint16_t all_profiles[] = {PROTECT_AEAD_AES_128_GCM, PROTECT_AEAD_AES_256_GCM,
                                        PROTECT_AES128_CM_SHA1_80};

static size_t tag_of(uint16_t profile)
{
    return profile == PROTECT_AES128_CM_SHA1_80 ? 10 : 16;
}

/* Two ends of one association: what one sends the other receives. */
struct ends {
    struct protect *a, *b;
};

static struct ends ends_new(uint16_t profile)
{
    static const uint8_t secret[2][46] = {"the first key, and behind it the first salt ..",
                                          "another key with another salt, unlike the one."};
    size_t key_len = profile == PROTECT_AEAD_AES_256_GCM ? 32 : 16;
    size_t salt_len = profile == PROTECT_AES128_CM_SHA1_80 ? 14 : 12;
    struct bytes k0 = {secret[0], key_len}, s0 = {secret[0] + 32, salt_len};
    struct bytes k1 = {secret[1], key_len}, s1 = {secret[1] + 32, salt_len};
    struct ends e = {
        protect_new(&(struct protect_config){profile, k0, s0, k1, s1}),
        protect_new(&(struct protect_config){profile, k1, s1, k0, s0}),
    };
    ck_assert_ptr_nonnull(e.a);
    ck_assert_ptr_nonnull(e.b);
    return e;
}

static void ends_free(struct ends *e)
{
    protect_free(e->a);
    protect_free(e->b);
}

#define PAYLOAD 100

static void make_rtp(struct packet *p, uint32_t ssrc, uint16_t seq)
{
    struct writer w = packet_writer(p);
    write_u8(&w, 0x80);
    write_u8(&w, 96);
    write_u16(&w, seq);
    write_u32(&w, 1000u * seq);
    write_u32(&w, ssrc);
    for (int i = 0; i < PAYLOAD; i++) write_u8(&w, (uint8_t)(i + seq));
    p->len = writer_len(&w);
}

/* An empty receiver report. */
static void make_rtcp(struct packet *p, uint32_t ssrc)
{
    struct writer w = packet_writer(p);
    write_u8(&w, 0x80);
    write_u8(&w, 201);
    write_u16(&w, 1);
    write_u32(&w, ssrc);
    p->len = writer_len(&w);
}

static enum err seal_rtp(struct protect *from, struct packet *p)
{
    return protect_rtp(from, p->at, &p->len, PACKET_MAX + PACKET_TAILROOM);
}

static enum err seal_rtcp(struct protect *from, struct packet *p)
{
    return protect_rtcp(from, p->at, &p->len, PACKET_MAX + PACKET_TAILROOM);
}

static enum err send_rtp(struct ends *e, uint32_t ssrc, uint16_t seq)
{
    struct packet p;
    make_rtp(&p, ssrc, seq);
    ck_assert_int_eq(seal_rtp(e->a, &p), OK);
    return unprotect_rtp(e->b, p.at, &p.len);
}

START_TEST(every_profile_comes_back_as_it_was)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p, plain;
        make_rtp(&p, 0x01020304, 7);
        packet_copy(&plain, &p);
        ck_assert_int_eq(seal_rtp(e.a, &p), OK);
        ck_assert_uint_eq(p.len, plain.len + tag_of(all_profiles[i]));
        ck_assert_mem_ne(p.at + 12, plain.at + 12, PAYLOAD);
        ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), OK);
        ck_assert_uint_eq(p.len, plain.len);
        ck_assert_mem_eq(p.at, plain.at, plain.len);

        make_rtcp(&p, 0x01020304);
        packet_copy(&plain, &p);
        ck_assert_int_eq(seal_rtcp(e.a, &p), OK);
        ck_assert_uint_eq(p.len, plain.len + tag_of(all_profiles[i]) + 4);
        ck_assert_int_eq(unprotect_rtcp(e.b, p.at, &p.len), OK);
        ck_assert_uint_eq(p.len, plain.len);
        ck_assert_mem_eq(p.at, plain.at, plain.len);
        ends_free(&e);
    }
}
END_TEST

START_TEST(preparing_is_allowed_at_any_time)
{
    struct protect *first = protect_prepare(), *again = protect_prepare();
    ck_assert(first && again);
    protect_free(first);
    struct ends e = ends_new(PROTECT_AEAD_AES_128_GCM);
    protect_free(again);
    ck_assert_int_eq(send_rtp(&e, 5, 1), OK);
    ends_free(&e);
}
END_TEST

START_TEST(inv_43_no_profile_without_encryption)
{
    /* 32-bit tag, NULL ciphers, no profile at all (RFC 5764 4.1.2). */
    static const uint16_t others[] = {0x0000, 0x0002, 0x0005, 0x0006, 0x0009, 0xFFFF};
    uint8_t k[46] = {0};
    for (size_t i = 0; i < COUNT(others); i++)
        for (size_t key_len = 0; key_len <= 32; key_len += 16)
            ck_assert_ptr_null(protect_new(
                &(struct protect_config){others[i], {k, key_len}, {k, 14}, {k, key_len}, {k, 14}}));
    /* Lengths of another profile. */
    ck_assert_ptr_null(protect_new(
        &(struct protect_config){PROTECT_AEAD_AES_256_GCM, {k, 16}, {k, 12}, {k, 16}, {k, 12}}));
    ck_assert_ptr_null(protect_new(
        &(struct protect_config){PROTECT_AES128_CM_SHA1_80, {k, 16}, {k, 14}, {k, 16}, {k, 12}}));
}
END_TEST

/* A copy in memory of exactly its size, so that the sanitizer sees a byte read too far. */
static enum err unprotect_exact(struct protect *p, struct bytes in, bool rtcp)
{
    uint8_t *copy = malloc(in.len ? in.len : 1);
    ck_assert_ptr_nonnull(copy);
    if (in.len) memcpy(copy, in.at, in.len);
    size_t len = in.len;
    enum err err = rtcp ? unprotect_rtcp(p, copy, &len) : unprotect_rtp(p, copy, &len);
    free(copy);
    return err;
}

START_TEST(inv_2_plain_packets_do_not_get_through)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p;
        for (uint16_t seq = 0; seq < 40; seq++) {
            make_rtp(&p, 5, seq);
            ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_AUTH);
            make_rtcp(&p, 5);
            ck_assert_int_ne(unprotect_rtcp(e.b, p.at, &p.len), OK);
        }
        ck_assert_uint_eq(protect_counters(e.b)->rtp_in + protect_counters(e.b)->rtcp_in, 0);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_41_every_short_length_is_refused)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet rtp, rtcp;
        make_rtp(&rtp, 5, 1);
        make_rtcp(&rtcp, 5);
        ck_assert_int_eq(seal_rtp(e.a, &rtp), OK);
        ck_assert_int_eq(seal_rtcp(e.a, &rtcp), OK);
        size_t tag = tag_of(all_profiles[i]);
        for (size_t n = 0; n <= 64; n++) {
            enum err err = unprotect_exact(e.b, (struct bytes){rtp.at, n}, false);
            ck_assert_int_eq(err, n < 12 + tag ? E_TRUNCATED : E_AUTH);
            ck_assert_int_eq(protect_fault(e.b)->err, err);
        }
        for (size_t n = 0; n < rtcp.len; n++) {
            enum err err = unprotect_exact(e.b, (struct bytes){rtcp.at, n}, true);
            ck_assert_int_eq(err, n < 8 + tag + 4 ? E_TRUNCATED : E_AUTH);
        }
        ck_assert_int_eq(unprotect_rtp(e.b, rtp.at, &rtp.len), OK);
        ck_assert_int_eq(unprotect_rtcp(e.b, rtcp.at, &rtcp.len), OK);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_41_headers_that_run_past_the_packet)
{
    struct ends e = ends_new(PROTECT_AEAD_AES_128_GCM);
    struct packet p;
    make_rtp(&p, 5, 1);
    p.at[0] = 0x90; /* an extension of 65535 words */
    memset(p.at + 12, 0xFF, 4);
    ck_assert_int_eq(seal_rtp(e.a, &p), E_TRUNCATED);
    ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_TRUNCATED);
    make_rtp(&p, 5, 1);
    p.at[0] = 0x8F; /* fifteen contributors */
    p.len = 12 + 4 * 15 + 15;
    ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_TRUNCATED);
    make_rtp(&p, 5, 1);
    p.at[0] = 0x40; /* version 1 */
    ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_MALFORMED);
    make_rtp(&p, 5, 1);
    ck_assert_int_eq(protect_rtp(e.a, p.at, &p.len, p.len + PROTECT_ROOM - 1), E_FULL);
    ck_assert_uint_eq(protect_counters(e.b)->malformed, 3);
    ends_free(&e);
}
END_TEST

START_TEST(inv_3_a_flipped_bit_changes_a_counter_and_nothing_else)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet good, bad;
        ck_assert_int_eq(send_rtp(&e, 5, 100), OK);
        make_rtp(&good, 5, 101);
        ck_assert_int_eq(seal_rtp(e.a, &good), OK);
        for (size_t bit = 0; bit < 8 * good.len; bit++) {
            packet_copy(&bad, &good);
            bad.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert_int_ne(unprotect_rtp(e.b, bad.at, &bad.len), OK);
        }
        const struct protect_counters *c = protect_counters(e.b);
        ck_assert_uint_eq(c->auth + c->malformed + c->replay, 8 * good.len);
        ck_assert_uint_eq(c->rtp_in, 1);
        ck_assert_int_eq(unprotect_rtp(e.b, good.at, &good.len), OK);

        make_rtcp(&good, 5);
        ck_assert_int_eq(seal_rtcp(e.a, &good), OK);
        for (size_t bit = 0; bit < 8 * good.len; bit++) {
            packet_copy(&bad, &good);
            bad.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert_int_ne(unprotect_rtcp(e.b, bad.at, &bad.len), OK);
        }
        ck_assert_int_eq(unprotect_rtcp(e.b, good.at, &good.len), OK);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_40_forged_sequence_numbers_do_not_move_the_window)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet forged;
        for (uint16_t seq = 1; seq < 10; seq++) ck_assert_int_eq(send_rtp(&e, 5, seq), OK);
        for (uint32_t seq = 10; seq < 65536; seq += 101) {
            make_rtp(&forged, 5, (uint16_t)seq);
            ck_assert_int_ne(unprotect_rtp(e.b, forged.at, &forged.len), OK);
        }
        for (uint16_t seq = 10; seq < 20; seq++) ck_assert_int_eq(send_rtp(&e, 5, seq), OK);
        ends_free(&e);
    }
}
END_TEST

START_TEST(pitfall_13_replays_are_refused)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet first, oldest, again;
        make_rtp(&oldest, 5, 1);
        make_rtp(&first, 5, 2);
        ck_assert_int_eq(seal_rtp(e.a, &oldest), OK);
        ck_assert_int_eq(seal_rtp(e.a, &first), OK);
        packet_copy(&again, &first);
        ck_assert_int_eq(unprotect_rtp(e.b, again.at, &again.len), OK);
        packet_copy(&again, &first);
        ck_assert_int_eq(unprotect_rtp(e.b, again.at, &again.len), E_STATE);
        ck_assert_uint_eq(protect_counters(e.b)->replay, 1);
        /* Late is fine within the window, and no longer behind it. */
        ck_assert_int_eq(send_rtp(&e, 5, PROTECT_REPLAY_WINDOW), OK);
        packet_copy(&again, &oldest);
        ck_assert_int_eq(unprotect_rtp(e.b, again.at, &again.len), OK);
        ck_assert_int_eq(send_rtp(&e, 5, PROTECT_REPLAY_WINDOW + 100), OK);
        packet_copy(&again, &oldest);
        ck_assert_int_eq(unprotect_rtp(e.b, again.at, &again.len), E_STATE);

        make_rtcp(&first, 5);
        ck_assert_int_eq(seal_rtcp(e.a, &first), OK);
        packet_copy(&again, &first);
        ck_assert_int_eq(unprotect_rtcp(e.b, again.at, &again.len), OK);
        ck_assert_int_eq(unprotect_rtcp(e.b, first.at, &first.len), E_STATE);
        ends_free(&e);
    }
}
END_TEST

/* The same index never protects twice: the nonce would repeat (RFC 7714 8.4). A resend goes as RTX,
 * or from a copy that was never encrypted. */
START_TEST(inv_39_pitfall_22b_no_packet_is_protected_twice)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p;
        make_rtp(&p, 5, 1);
        ck_assert_int_eq(seal_rtp(e.a, &p), OK);
        ck_assert_int_eq(seal_rtp(e.a, &p), E_STATE);
        make_rtp(&p, 5, 1);
        ck_assert_int_eq(seal_rtp(e.a, &p), E_STATE);
        make_rtp(&p, 6, 1);
        ck_assert_int_eq(seal_rtp(e.a, &p), OK);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_42_first_packets_lost_at_the_wrap)
{
    for (size_t i = 0; i < 2 * COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i / 2]);
        bool rtcp_first = i % 2;
        struct packet p, late = {.len = 0};
        if (rtcp_first) {
            make_rtcp(&p, 5);
            ck_assert_int_eq(seal_rtcp(e.a, &p), OK);
            ck_assert_int_eq(unprotect_rtcp(e.b, p.at, &p.len), OK);
        }
        for (uint16_t seq = 65530; seq != 4; seq++) {
            make_rtp(&p, 5, seq);
            ck_assert_int_eq(seal_rtp(e.a, &p), OK);
            if (seq == 65533) packet_copy(&late, &p);
        }
        ck_assert_int_eq(send_rtp(&e, 5, 4), OK);
        ck_assert_uint_eq(protect_counters(e.b)->rollover, 1);
        ck_assert_int_eq(send_rtp(&e, 5, 6), OK);
        ck_assert_int_eq(unprotect_rtp(e.b, late.at, &late.len), OK);
        ck_assert_int_eq(send_rtp(&e, 5, 5), OK);
        /* And three more times round, in steps that the estimate allows for. */
        for (uint32_t seq = 1000; seq < 3 * 65536; seq += 30000)
            ck_assert_int_eq(send_rtp(&e, 5, (uint16_t)seq), OK);
        ck_assert_uint_eq(protect_counters(e.b)->rollover, 1);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_42_forged_first_packets_leave_no_stream_behind)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p;
        for (uint32_t n = 0; n < 1000; n++) {
            make_rtp(&p, 5, (uint16_t)n); /* never protected */
            ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_AUTH);
        }
        ck_assert_int_eq(send_rtp(&e, 5, 65535), OK);
        ck_assert_int_eq(send_rtp(&e, 5, 0), OK);
        ends_free(&e);
    }
}
END_TEST

/* Sixteen tries (ROLLOVER_TRIES), and one more for each packet that authenticates: the last of them
 * is the last. */
START_TEST(inv_42_tries_with_a_second_rollover_counter_come_to_an_end)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p;
        for (uint32_t ssrc = 5; ssrc <= 6; ssrc++) {
            make_rtp(&p, ssrc, 65535); /* lost */
            ck_assert_int_eq(seal_rtp(e.a, &p), OK);
        }
        for (uint16_t n = 0; n < 15; n++) {
            make_rtp(&p, 7, n); /* never protected */
            ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_AUTH);
        }
        ck_assert_int_eq(send_rtp(&e, 5, 0), OK); /* by the last try; it earns one back */
        make_rtp(&p, 7, 0);
        ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_AUTH);
        ck_assert_int_eq(send_rtp(&e, 6, 0), E_AUTH);
        ck_assert_int_eq(send_rtp(&e, 5, 1), OK);
        ck_assert_int_eq(send_rtp(&e, 6, 1), OK);
        ck_assert_uint_eq(protect_counters(e.b)->rollover, 2);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_60_a_flood_of_ssrcs_stays_within_its_bound)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p;
        /* Not authenticated: no place is taken. */
        for (uint32_t ssrc = 1000; ssrc < 3000; ssrc++) {
            make_rtp(&p, ssrc, 40000);
            ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), E_AUTH);
        }
        /* Ours: as many as there are places. None gives way, its nonces would repeat. */
        for (uint32_t ssrc = 0; ssrc < PROTECT_LOCAL_MAX; ssrc++)
            ck_assert_int_eq(send_rtp(&e, ssrc, 1), OK);
        make_rtp(&p, 99, 1);
        ck_assert_int_eq(seal_rtp(e.a, &p), E_FULL);
        make_rtcp(&p, 99);
        ck_assert_int_eq(seal_rtcp(e.a, &p), E_FULL);
        for (uint32_t ssrc = 0; ssrc < PROTECT_LOCAL_MAX; ssrc++)
            ck_assert_int_eq(send_rtp(&e, ssrc, 2), OK);
        ends_free(&e);
    }
}
END_TEST

/* PROTECT_SSRC_MAX more SSRCs to `e`.b, by another sender with the same keys: all that it knew give
 * way. Returns how many got in. */
static unsigned crowd(struct ends *e, uint16_t profile, uint32_t first_ssrc)
{
    unsigned in = 0;
    struct ends more = ends_new(profile), mixed = {more.a, e->b};
    for (uint32_t i = 0; i < PROTECT_SSRC_MAX; i++) in += send_rtp(&mixed, first_ssrc + i, 1) == OK;
    ends_free(&more);
    return in;
}

static void expect_replay(struct ends *e, const struct packet *sealed, bool rtcp)
{
    struct packet p;
    packet_copy(&p, sealed);
    ck_assert_int_eq(rtcp ? unprotect_rtcp(e->b, p.at, &p.len) : unprotect_rtp(e->b, p.at, &p.len),
                     E_STATE);
}

static void deliver_rtcp(struct ends *e, struct packet *sealed)
{
    struct packet p;
    make_rtcp(sealed, 5);
    ck_assert_int_eq(seal_rtcp(e->a, sealed), OK);
    packet_copy(&p, sealed);
    ck_assert_int_eq(unprotect_rtcp(e->b, p.at, &p.len), OK);
}

/* RFC 3711 §3.3.2: what was taken before a stream gave way is a replay ever after, and its rollover
 * counter is right when it comes back. */
START_TEST(inv_60_who_gave_way_and_comes_back_is_not_replayed)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet old, last, late, rtcp, next_rtcp;
        make_rtp(&old, 5, 65530);
        ck_assert_int_eq(seal_rtp(e.a, &old), OK);
        make_rtp(&late, 5, 65535);
        ck_assert_int_eq(seal_rtp(e.a, &late), OK); /* comes too late, once */
        make_rtp(&last, 5, 3);
        ck_assert_int_eq(seal_rtp(e.a, &last), OK);
        struct packet p;
        packet_copy(&p, &old);
        ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), OK);
        packet_copy(&p, &last);
        ck_assert_int_eq(unprotect_rtp(e.b, p.at, &p.len), OK);
        deliver_rtcp(&e, &rtcp);

        ck_assert_uint_eq(crowd(&e, all_profiles[i], 1000), PROTECT_SSRC_MAX);
        expect_replay(&e, &old, false);
        expect_replay(&e, &last, false);
        expect_replay(&e, &late, false);
        expect_replay(&e, &rtcp, true);
        ck_assert_int_eq(send_rtp(&e, 5, 4), OK);
        expect_replay(&e, &old, false);
        expect_replay(&e, &last, false);
        expect_replay(&e, &late, false);
        expect_replay(&e, &rtcp, true);
        deliver_rtcp(&e, &next_rtcp);
        expect_replay(&e, &rtcp, true);
        for (uint32_t seq = 5; seq < 70000; seq += 20000)
            ck_assert_int_eq(send_rtp(&e, 5, (uint16_t)seq), OK);

        /* Again, and now RTCP comes back first. */
        ck_assert_uint_eq(crowd(&e, all_profiles[i], 2000), PROTECT_SSRC_MAX);
        expect_replay(&e, &next_rtcp, true);
        deliver_rtcp(&e, &rtcp);
        expect_replay(&e, &next_rtcp, true);
        ck_assert_int_eq(send_rtp(&e, 5, (uint16_t)70000), OK);
        ends_free(&e);
    }
}
END_TEST

START_TEST(inv_60_the_longest_idle_gives_way)
{
    const uint16_t profile = PROTECT_AEAD_AES_128_GCM;
    struct ends e = ends_new(profile);
    struct packet forged;
    for (uint16_t round = 0; round < PROTECT_FORGOTTEN_MAX / PROTECT_SSRC_MAX; round++) {
        ck_assert_int_eq(send_rtp(&e, 5, round), OK);
        ck_assert_uint_eq(crowd(&e, profile, 1000 * (round + 1u)), PROTECT_SSRC_MAX);
    }
    ck_assert_int_eq(send_rtp(&e, 5, 1000), OK);
    /* The memory is full but for so many: new ones are refused, those that are known are not. */
    ck_assert_uint_lt(crowd(&e, profile, 500000), PROTECT_SSRC_MAX);
    ck_assert_uint_eq(crowd(&e, profile, 600000), 0);
    make_rtp(&forged, 77, 1);
    ck_assert_int_eq(unprotect_rtp(e.b, forged.at, &forged.len), E_FULL);
    ck_assert_int_eq(send_rtp(&e, 5, 1001), OK);
    ends_free(&e);
}
END_TEST

START_TEST(the_wrong_direction_does_not_authenticate)
{
    for (size_t i = 0; i < COUNT(all_profiles); i++) {
        struct ends e = ends_new(all_profiles[i]);
        struct packet p;
        make_rtp(&p, 5, 1);
        ck_assert_int_eq(seal_rtp(e.a, &p), OK);
        ck_assert_int_eq(unprotect_rtp(e.a, p.at, &p.len), E_AUTH); /* our own, reflected */
        make_rtcp(&p, 5);
        ck_assert_int_eq(seal_rtcp(e.a, &p), OK);
        ck_assert_int_eq(unprotect_rtcp(e.a, p.at, &p.len), E_AUTH);
        ends_free(&e);
    }
}
END_TEST

/* RFC 3711 3.4: the E flag may say that SRTCP is only authenticated. Ours is always encrypted. */
START_TEST(inv_43_rtcp_that_is_only_authenticated_is_refused)
{
    uint8_t key[46] = {0};
    struct protect *p = protect_new(&(struct protect_config){
        PROTECT_AES128_CM_SHA1_80, {key, 16}, {key, 14}, {key, 16}, {key, 14}});
    ck_assert_ptr_nonnull(p);
    srtp_policy_t policy = {.ssrc = {ssrc_any_outbound, 0}, .key = key};
    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    policy.rtcp.sec_serv = sec_serv_auth;
    srtp_t clear;
    ck_assert_int_eq(srtp_create(&clear, &policy), srtp_err_status_ok);
    struct packet packet;
    make_rtcp(&packet, 5);
    int len = (int)packet.len;
    ck_assert_int_eq(srtp_protect_rtcp(clear, packet.at, &len), srtp_err_status_ok);
    size_t n = (size_t)len;
    ck_assert_int_eq(unprotect_rtcp(p, packet.at, &n), E_AUTH);
    srtp_dealloc(clear);
    protect_free(p);
}
END_TEST

SUITE("rtp protect", every_profile_comes_back_as_it_was, preparing_is_allowed_at_any_time,
      inv_43_no_profile_without_encryption, inv_2_plain_packets_do_not_get_through,
      inv_41_every_short_length_is_refused, inv_41_headers_that_run_past_the_packet,
      inv_3_a_flipped_bit_changes_a_counter_and_nothing_else,
      inv_40_forged_sequence_numbers_do_not_move_the_window, pitfall_13_replays_are_refused,
      inv_39_pitfall_22b_no_packet_is_protected_twice, inv_42_first_packets_lost_at_the_wrap,
      inv_42_forged_first_packets_leave_no_stream_behind,
      inv_42_tries_with_a_second_rollover_counter_come_to_an_end,
      inv_60_a_flood_of_ssrcs_stays_within_its_bound,
      inv_60_who_gave_way_and_comes_back_is_not_replayed, inv_60_the_longest_idle_gives_way,
      the_wrong_direction_does_not_authenticate, inv_43_rtcp_that_is_only_authenticated_is_refused)
