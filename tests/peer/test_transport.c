/* What the transport lets in and out: the invariants about unproved addresses, early packets,
 * media in clear, and consent. */
#include "tests/suite.h"

#include "tests/peer/duo.h"

/* An off-path host: its address is nobody's candidate. */
static const struct addr *attacker(void)
{
    static struct addr a;
    a = addr_ipv4(203, 0, 113, 66, 6666);
    return &a;
}

static void spray(struct duo *d, int to, struct bytes datagram)
{
    static struct packet p;
    packet_reset(&p);
    p.route = (struct route){.local = duo_addr(to, false), .remote = *attacker()};
    packet_set(&p, datagram);
    ck_assert_int_ne(peer_input(d->side[to], &p, d->now), OK);
    duo_drain(d);
}

/* Counts what goes to the attacker. */
static void watch_attacker(struct duo *d, int from, struct packet *p)
{
    (void)from;
    size_t *bytes = d->context;
    if (addr_equal_ip(&p->route.remote, attacker())) *bytes += p->len;
}

static struct bytes client_hello(void)
{
    static uint8_t hello[] = {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0,  0,   60, 1,
                              0,  0,   48,  0, 0, 0, 0, 0, 0, 0, 48, 254, 253};
    static uint8_t whole[73];
    memcpy(whole, hello, sizeof hello);
    return (struct bytes){whole, sizeof whole};
}

START_TEST(inv_1_client_hellos_from_off_path_change_nothing)
{
    struct duo quiet, noisy;
    size_t to_attacker = 0;
    duo_init(&quiet, 1);
    ck_assert(duo_call(&quiet, SEC(2)));
    usec alone = quiet.now;
    duo_free(&quiet);

    duo_init(&noisy, 1);
    noisy.on_send = watch_attacker;
    noisy.context = &to_attacker;
    duo_open(&noisy, false);
    ck_assert_int_eq(duo_negotiate(&noisy, 0), OK);
    while (peer_state(noisy.side[0]) != PEER_CONNECTED ||
           peer_state(noisy.side[1]) != PEER_CONNECTED) {
        for (int i = 0; i < 2; i++) spray(&noisy, i, client_hello());
        duo_run(&noisy, noisy.now + MS(5));
        ck_assert_int_le(noisy.now, alone);
    }
    ck_assert_uint_eq(to_attacker, 0);
    ck_assert_uint_gt(peer_counters(noisy.side[0])->unproved, 0);
    duo_free(&noisy);
}
END_TEST

static struct bytes plain_rtp(uint8_t type)
{
    static uint8_t rtp[60] = {0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9};
    rtp[1] = type;
    return (struct bytes){rtp, sizeof rtp};
}

START_TEST(inv_2_plain_media_is_never_taken)
{
    struct duo d;
    static struct packet p;
    duo_init(&d, 2);
    duo_open(&d, false);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    packet_reset(&p);
    for (int step = 0; step < 60; step++) {
        for (int i = 0; i < 2; i++) {
            for (unsigned type = 0; type < 256; type += 5) {
                /* From the right address: only the missing tag gives it away. */
                p.route =
                    (struct route){.local = duo_addr(i, false), .remote = duo_addr(1 - i, false)};
                packet_set(&p, plain_rtp((uint8_t)type));
                ck_assert_int_ne(peer_input(d.side[i], &p, d.now), OK);
            }
        }
        duo_run(&d, d.now + MS(5));
    }
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    for (int i = 0; i < 2; i++) {
        struct rtp_session_stats s = rtp_session_stats(peer_rtp(d.side[i]));
        ck_assert_uint_eq(s.rtp_packets_in, 0);
        ck_assert_uint_gt(peer_counters(d.side[i])->early_media, 0);
        ck_assert_uint_gt(peer_counters(d.side[i])->unauthentic, 0);
    }
    duo_free(&d);
}
END_TEST

/* 10,000 SSRCs, and payload types that nobody agreed on, from the proved address: none is opened,
 * one counter moves, and the call goes on. */
START_TEST(inv_60_a_flood_of_ssrcs_is_not_even_opened)
{
    struct duo d;
    static struct packet p;
    duo_init(&d, 60);
    ck_assert(duo_call(&d, SEC(2)));
    struct peer_counters before = *peer_counters(d.side[1]);
    packet_reset(&p);
    for (uint32_t i = 0; i < 10000; i++) {
        uint8_t rtp[60] = {0x80, (uint8_t)(1 + i % 20)};
        bytes_put_u32(rtp + 8, 0x5EED0000u + i);
        p.route = (struct route){.local = duo_addr(1, false), .remote = duo_addr(0, false)};
        packet_set(&p, (struct bytes){rtp, sizeof rtp});
        ck_assert_int_eq(peer_input(d.side[1], &p, d.now), E_UNSUPPORTED);
    }
    struct peer_counters after = *peer_counters(d.side[1]);
    ck_assert_uint_eq(after.unexpected, before.unexpected + 10000);
    ck_assert_uint_eq(after.unauthentic, before.unauthentic);
    ck_assert_uint_eq(rtp_session_stats(peer_rtp(d.side[1])).unknown_stream, 0);
    ck_assert_str_eq(peer_fault(d.side[1])->layer, "rtp");
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

/* Keeps the last RTP packet that side 0 sent. */
static void keep_rtp(struct duo *d, int from, struct packet *p)
{
    if (from == 0 && demux_of(packet_bytes(p)) == DEMUX_RTP) packet_copy(d->context, p);
}

START_TEST(inv_3_each_flipped_bit_only_moves_a_counter)
{
    static struct packet kept, p;
    struct duo d;
    duo_init(&d, 3);
    ck_assert(duo_call(&d, SEC(2)));
    packet_reset(&kept);
    packet_reset(&p);
    d.on_send = keep_rtp;
    d.context = &kept;
    duo_send_frame(&d, 0, RTP_OPUS, true, 1, 60);
    d.cut[0] = true;
    duo_send_frame(&d, 0, RTP_OPUS, true, 2, 60);
    duo_run(&d, d.now + MS(20));
    d.cut[0] = false;
    ck_assert_uint_gt(kept.len, 60);
    uint64_t frames = d.seen[1].frames[0];
    struct rtp_session_stats before = rtp_session_stats(peer_rtp(d.side[1])), after;
    for (size_t bit = 16; bit < 8 * kept.len; bit++) {
        packet_copy(&p, &kept);
        p.route = (struct route){.local = duo_addr(1, false), .remote = duo_addr(0, false)};
        p.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_ne(peer_input(d.side[1], &p, d.now), OK);
    }
    after = rtp_session_stats(peer_rtp(d.side[1]));
    ck_assert_int_eq(memcmp(&before, &after, sizeof before), 0);
    /* The true one is still welcome: no replay window was moved by the forgeries. */
    packet_copy(&p, &kept);
    p.route = (struct route){.local = duo_addr(1, false), .remote = duo_addr(0, false)};
    ck_assert_int_eq(peer_input(d.side[1], &p, d.now), OK);
    duo_drain(&d);
    ck_assert_uint_eq(d.seen[1].frames[0], frames + 1);
    duo_free(&d);
}
END_TEST

START_TEST(inv_4_media_follows_no_source_address)
{
    static struct packet kept;
    struct duo d;
    size_t to_attacker = 0;
    duo_init(&d, 4);
    ck_assert(duo_call(&d, SEC(2)));
    packet_reset(&kept);
    d.on_send = keep_rtp;
    d.context = &kept;
    duo_send_frame(&d, 0, RTP_OPUS, true, 1, 60);
    d.cut[0] = true; /* a packet that the receiver has not seen */
    duo_send_frame(&d, 0, RTP_OPUS, true, 2, 60);
    duo_run(&d, d.now + MS(20));
    d.cut[0] = false;
    d.on_send = watch_attacker;
    d.context = &to_attacker;
    spray(&d, 1, packet_bytes(&kept));
    duo_talk(&d, 1);
    ck_assert_uint_eq(to_attacker, 0);
    duo_free(&d);
}
END_TEST

START_TEST(inv_5_replays_move_nothing)
{
    static struct packet kept, p;
    struct duo d;
    size_t to_attacker = 0;
    duo_init(&d, 14);
    ck_assert(duo_call(&d, SEC(2)));
    packet_reset(&kept);
    packet_reset(&p);
    d.on_send = keep_rtp;
    d.context = &kept;
    duo_talk(&d, 1); /* `kept` has arrived once */
    d.on_send = watch_attacker;
    d.context = &to_attacker;
    for (int i = 0; i < 100; i++) {
        packet_copy(&p, &kept);
        p.route = (struct route){.local = duo_addr(1, false),
                                 .remote = i % 2 ? *attacker() : duo_addr(0, false)};
        ck_assert_int_ne(peer_input(d.side[1], &p, d.now), OK);
    }
    duo_talk(&d, 1);
    ck_assert_uint_eq(to_attacker, 0);
    ck_assert_uint_eq(d.seen[1].damaged, 0);
    duo_free(&d);
}
END_TEST

/* Each side has two addresses; media goes over the pair that ICE selected and over no other. */
static void check_selected(struct duo *d, int from, struct packet *p)
{
    enum demux kind = demux_of(packet_bytes(p));
    struct route selected;
    if (kind != DEMUX_RTP && kind != DEMUX_RTCP && kind != DEMUX_DTLS) return;
    ck_assert(ice_selected(peer_ice(d->side[from]), &selected));
    ck_assert(addr_equal(&selected.local, &p->route.local));
    ck_assert(addr_equal(&selected.remote, &p->route.remote));
    (*(size_t *)d->context)++;
}

START_TEST(pitfall_7_media_goes_over_the_selected_pair)
{
    struct duo d;
    size_t checked = 0;
    duo_init(&d, 15);
    d.on_send = check_selected;
    d.context = &checked;
    for (int i = 0; i < 2; i++) {
        for (int v6 = 0; v6 < 2; v6++) {
            struct addr a = duo_addr(i, v6);
            ck_assert_int_eq(peer_add_socket(d.side[i], &a, 0), OK);
        }
        peer_sockets_done(d.side[i], 0);
    }
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    duo_run(&d, SEC(1));
    duo_talk(&d, 2);
    ck_assert_uint_gt(checked, 400);
    ck_assert_uint_ge(d.seen[1].frames[0], 95);
    duo_free(&d);
}
END_TEST

START_TEST(inv_44_nothing_leaves_before_both_descriptions)
{
    struct duo d;
    struct bytes offer, answer;
    char text[16384];
    duo_init(&d, 16);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    bytes_to_text(offer, text, sizeof text);
    duo_run(&d, SEC(5));
    for (int kind = 0; kind <= DEMUX_UNKNOWN; kind++)
        ck_assert_uint_eq(d.sent[0][kind] + d.sent[1][kind], 0);
    /* One side has both: checks leave, but no media, whatever the application asks. */
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(text), &answer, d.now), OK);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(duo_send_frame(&d, 1, RTP_OPUS, true, (uint32_t)i, 100), E_STATE);
        duo_run(&d, d.now + MS(20));
    }
    ck_assert_uint_gt(d.sent[1][DEMUX_STUN], 0);
    ck_assert_uint_eq(d.sent[1][DEMUX_RTP] + d.sent[1][DEMUX_RTCP], 0);
    duo_free(&d);
}
END_TEST

/* A peer that owns the credentials but sends its checks in a victim's name. */
START_TEST(inv_12_nothing_but_stun_to_a_silent_address)
{
    struct duo d;
    struct bytes offer, answer;
    struct addr victim = addr_ipv4(198, 51, 100, 1, 4444);
    char line[200];
    duo_init(&d, 5);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    /* Side 1 is told of the victim with the highest priority there is. */
    snprintf(line, sizeof line, "candidate:1 1 udp 2147483647 198.51.100.1 4444 typ host");
    ck_assert_int_eq(peer_add_candidate(d.side[1], bytes_of(line), bytes_of(""), d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    for (int i = 0; i < 200; i++) {
        duo_run(&d, d.now + MS(5));
        for (size_t k = 0; k < d.count; k++) {
            const struct duo_packet *f = &d.flying[k];
            if (addr_equal(&f->packet.route.local, &victim))
                ck_assert_int_eq(demux_of(packet_bytes(&f->packet)), DEMUX_STUN);
        }
    }
    duo_free(&d);
}
END_TEST

START_TEST(inv_13_sending_stops_within_30_s_of_silence)
{
    struct duo d;
    duo_init(&d, 6);
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 10);
    d.cut[1] = true; /* the peer is gone; only its media would still be heard */
    usec gone = d.now;
    while (d.now < gone + SEC(31)) {
        duo_send_frame(&d, 0, RTP_OPUS, true, (uint32_t)(d.now / MS(20)), 100);
        duo_run(&d, d.now + MS(20));
    }
    uint64_t media = d.sent[0][DEMUX_RTP] + d.sent[0][DEMUX_RTCP] + d.sent[0][DEMUX_DTLS];
    for (int i = 0; i < 500; i++) {
        ck_assert_int_eq(duo_send_frame(&d, 0, RTP_OPUS, true, 1000000u + (uint32_t)i, 100),
                         E_STATE);
        duo_run(&d, d.now + MS(20));
    }
    ck_assert_uint_eq(media, d.sent[0][DEMUX_RTP] + d.sent[0][DEMUX_RTCP] + d.sent[0][DEMUX_DTLS]);
    ck_assert_str_eq(peer_why(d.side[0]).layer, "ice");
    ck_assert_int_eq(peer_why(d.side[0]).cause, PEER_CAUSE_PATH_LOST);
    duo_free(&d);
}
END_TEST

/* Whoever only sends learns of it too. */
START_TEST(a_state_that_time_changes_is_changed_by_output)
{
    static struct packet p;
    struct duo d;
    duo_init(&d, 3);
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 1);
    usec later = d.now + ICE_DISCONNECTED;
    packet_reset(&p);
    while (peer_output(d.side[0], &p, later)) continue;
    ck_assert_int_eq(ice_state(peer_ice(d.side[0])), ICE_STATE_DISCONNECTED);
    ck_assert_int_eq(peer_state(d.side[0]), PEER_DISCONNECTED);
    duo_free(&d);
}
END_TEST

/* What the session has ready when the path goes, such as a report on packets just heard, must not
 * keep a deadline due for ever: duo_run would not come back. */
START_TEST(inv_13_deadlines_move_on_without_a_path)
{
    int heard_to_the_end = 0;
    for (unsigned seconds = 7; seconds < 12; seconds++) {
        struct duo d;
        duo_init(&d, seconds);
        ck_assert(duo_call(&d, SEC(2)));
        duo_talk(&d, seconds);
        d.cut[0] = true; /* side 0 goes on hearing media, but no answer to its checks */
        for (usec cut = d.now; d.now < cut + SEC(40); duo_run(&d, d.now + MS(20))) {
            duo_send_frame(&d, 1, RTP_OPUS, true, (uint32_t)(d.now / MS(20)), 100);
            heard_to_the_end +=
                peer_state(d.side[0]) == PEER_FAILED && peer_state(d.side[1]) != PEER_FAILED;
        }
        ck_assert_int_eq(peer_state(d.side[0]), PEER_FAILED);
        uint64_t sent = d.sent[0][DEMUX_RTP] + d.sent[0][DEMUX_RTCP];
        duo_run(&d, d.now + SEC(60));
        ck_assert_uint_eq(sent, d.sent[0][DEMUX_RTP] + d.sent[0][DEMUX_RTCP]);
        duo_free(&d);
    }
    ck_assert_int_gt(heard_to_the_end, 0);
}
END_TEST

/* A record that a stranger writes in the other side's name: one with keys, an alert in clear,
 * application data in clear. */
static void write_in_its_name(struct duo *d, int to, uint8_t type, uint8_t epoch)
{
    static struct packet p;
    const uint8_t record[40] = {type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 7, 0, 27, 2, 40};
    packet_reset(&p);
    p.route = (struct route){.local = duo_addr(to, false), .remote = duo_addr(1 - to, false)};
    packet_set(&p, (struct bytes){record, sizeof record});
    ck_assert_int_eq(peer_input(d->side[to], &p, d->now), E_AUTH);
}

/* The answer takes a second: the answerer's ClientHello comes before it, and is not lost. */
static void connects_soon_after_the_answer(bool sprayed)
{
    struct duo d;
    struct bytes offer, answer;
    char text[8192];
    duo_init(&d, 7);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    bytes_to_text(answer, text, sizeof text);
    for (usec until = d.now + MS(200); d.now < until; duo_run(&d, d.now + MS(1)))
        for (uint8_t type = 20; sprayed && type < 24; type++)
            write_in_its_name(&d, 0, type, type % 2);
    ck_assert_uint_gt(peer_counters(d.side[0])->early_kept, 0);
    ck_assert_int_eq(peer_set_answer(d.side[0], bytes_of(text), d.now), OK);
    usec answered = d.now;
    while (peer_state(d.side[0]) != PEER_CONNECTED) {
        duo_run(&d, d.now + MS(1));
        ck_assert_int_le(d.now - answered, MS(100));
    }
    duo_free(&d);
}

START_TEST(inv_45_early_client_hello_is_kept)
{
    connects_soon_after_the_answer(false);
}
END_TEST

START_TEST(inv_45_records_in_the_peers_name_take_no_place_of_its_client_hello)
{
    connects_soon_after_the_answer(true);
}
END_TEST

/* duo_frame's payloads count up by 13: eight such bytes in a row are a payload in clear. */
static bool shows_payload(struct bytes b)
{
    size_t run = 0;
    for (size_t i = 1; i < b.len && run < 8; i++)
        run = (uint8_t)(b.at[i] - b.at[i - 1]) == 13 ? run + 1 : 0;
    return run >= 8;
}

static bool shows_text(struct bytes b, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= b.len; i++)
        if (memcmp(b.at + i, text, len) == 0) return true;
    return false;
}

/* Whatever leaves as RTP or RTCP shows neither a payload nor the CNAME that SDES carries. */
static void look_for_clear_text(struct duo *d, int from, struct packet *p)
{
    enum demux kind = demux_of(packet_bytes(p));
    if (kind != DEMUX_RTP && kind != DEMUX_RTCP) return;
    (*(size_t *)d->context)++;
    ck_assert(!shows_payload(packet_bytes(p)));
    ck_assert(!shows_text(packet_bytes(p), rtp_session_cname(peer_rtp(d->side[from]))));
}

START_TEST(inv_62_no_media_and_no_reports_in_clear)
{
    struct duo d;
    size_t looked = 0;
    uint8_t clear[120];
    ck_assert(shows_payload(duo_frame(clear, RTP_OPUS, true, 1, sizeof clear)));
    duo_init(&d, 8);
    d.on_send = look_for_clear_text;
    d.context = &looked;
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 5);
    peer_close(d.side[0], d.now);
    duo_run(&d, d.now + SEC(1));
    ck_assert_uint_gt(looked, 500);
    ck_assert_uint_gt(d.sent[0][DEMUX_RTCP], 3);
    duo_free(&d);
}
END_TEST

START_TEST(what_is_no_protocol_is_counted)
{
    struct duo d;
    static struct packet p;
    duo_init(&d, 9);
    packet_reset(&p);
    for (int first = 0; first < 256; first++) {
        for (size_t len = 0; len < 3; len++) {
            uint8_t bytes[3] = {(uint8_t)first, 0, 0};
            packet_set(&p, (struct bytes){bytes, len});
            p.route = (struct route){.local = duo_addr(0, false), .remote = duo_addr(1, false)};
            ck_assert_int_ne(peer_input(d.side[0], &p, 0), OK);
        }
    }
    ck_assert_uint_gt(peer_counters(d.side[0])->unknown, 300);
    ck_assert_uint_gt(peer_counters(d.side[0])->unproved, 100);
    duo_free(&d);
}
END_TEST

SUITE("peer transport", inv_1_client_hellos_from_off_path_change_nothing,
      inv_2_plain_media_is_never_taken, inv_3_each_flipped_bit_only_moves_a_counter,
      inv_60_a_flood_of_ssrcs_is_not_even_opened, inv_4_media_follows_no_source_address,
      inv_5_replays_move_nothing, pitfall_7_media_goes_over_the_selected_pair,
      inv_44_nothing_leaves_before_both_descriptions, inv_12_nothing_but_stun_to_a_silent_address,
      inv_13_sending_stops_within_30_s_of_silence, inv_13_deadlines_move_on_without_a_path,
      a_state_that_time_changes_is_changed_by_output, inv_45_early_client_hello_is_kept,
      inv_45_records_in_the_peers_name_take_no_place_of_its_client_hello,
      inv_62_no_media_and_no_reports_in_clear, what_is_no_protocol_is_counted)
