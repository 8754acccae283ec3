#include "rtp/explain.h"
#include "rtp/feedback.h"
#include "tests/explained.h"

#define SAMPLES "fuzz/corpus/rtp_rtcp/"

static struct explain *explained(struct bytes datagram)
{
    struct explain *x = explain_new("rtcp", datagram);
    rtcp_explain(x, datagram);
    explained_is_sound(x);
    return x;
}

static struct explain *sample(const char *name, struct bytes *file)
{
    char path[100];
    snprintf(path, sizeof path, SAMPLES "%s.bin", name);
    *file = suite_file(path);
    struct explain *x = explained(*file);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    return x;
}

static void done(struct explain *x, struct bytes file)
{
    explain_free(x);
    free((void *)(uintptr_t)file.at);
}

START_TEST(a_browser_s_sender_report)
{
    struct bytes file;
    struct explain *x = sample("chromium-plain-vp8-05", &file);
    ck_assert_uint_eq(explained_count(x, "packets"), 3);
    explained_number(x, "packets.0.type", 200);
    explained_text(x, "packets.0.name", "SR");
    explained_number(x, "packets.0.ssrc", 1843605432);
    explained_text(x, "packets.0.ntp", "17198403449346288661");
    explained_number(x, "packets.0.rtpTime", 4037322757);
    explained_number(x, "packets.0.packetCount", 24);
    explained_number(x, "packets.0.octetCount", 8590);
    ck_assert_uint_eq(explained_count(x, "packets.0.reports"), 0);
    explained_text(x, "packets.1.name", "SDES");
    explained_number(x, "packets.1.chunks.0.ssrc", 1843605432);
    explained_number(x, "packets.1.chunks.0.items.0.type", 1);
    explained_text(x, "packets.1.chunks.0.items.0.name", "CNAME");
    explained_text(x, "packets.1.chunks.0.items.0.text", "ALL99m+6bPXIldwT");
    explained_text(x, "packets.2.name", "XR");
    explained_text(x, "packets.2.blocks.0.name", "DLRR");
    explained_number(x, "packets.2.blocks.0.reports.0.delaySinceLastRr", 3178);
    ck_assert(explained_summary_has(x, "RTCP SR of 1843605432, SDES, XR"));
    const struct explain_field *f = explained_field(x, "chunk");
    ck_assert(f->offset == 32 && f->raw.len == 4);
    f = explained_field(x, "CNAME");
    ck_assert(f->offset == 36 && f->raw.len == 18);
    done(x, file);
}
END_TEST

START_TEST(a_browser_s_transport_feedback)
{
    struct bytes file;
    struct explain *x = sample("chromium-plain-vp8-00", &file);
    explained_text(x, "packets.0.name", "TWCC");
    explained_number(x, "packets.0.baseSeq", 1);
    explained_number(x, "packets.0.statusCount", 6);
    explained_number(x, "packets.0.referenceTime", 49860);
    explained_number(x, "packets.0.fbPktCount", 0);
    ck_assert_uint_eq(explained_count(x, "packets.0.statuses"), 6);
    explained_number(x, "packets.0.statuses.0", 1);
    explained_number(x, "packets.0.deltasUs.5", 10500);
    ck_assert(bytes_is(explained_field(x, "packet chunks")->value, "6 received, 0 not"));
    ck_assert(explained_summary_has(x, "TWCC of 6 packets, 0 lost"));
    done(x, file);
}
END_TEST

/* RFC 8888, as Chromium speaks it when asked to. */
START_TEST(a_browser_s_congestion_feedback)
{
    struct bytes file;
    struct explain *x = sample("chromium-plain-ccfb-00", &file);
    explained_text(x, "packets.0.name", "CCFB");
    explained_number(x, "packets.0.senderSsrc", 0x82902b96);
    explained_absent(x, "packets.0.mediaSsrc");
    ck_assert_uint_eq(explained_count(x, "packets.0.reports"), 2);
    explained_number(x, "packets.0.reports.0.ssrc", 0xacde09a5);
    explained_number(x, "packets.0.reports.0.beginSeq", 0x58b7);
    explained_number(x, "packets.0.reports.0.numReports", 1);
    explained_bool(x, "packets.0.reports.0.metrics.0.received", true);
    explained_number(x, "packets.0.reports.0.metrics.0.ato", 0x1a);
    explained_number(x, "packets.0.reportTimestamp", 0x00e647d6);
    done(x, file);
}
END_TEST

START_TEST(reports)
{
    uint8_t room[200];
    struct writer w = writer_of(room, sizeof room);
    struct rtcp_reports rr = {.ssrc = 5, .count = 2};
    rr.reports[0] = (struct rtcp_report){.ssrc = 9,
                                         .fraction_lost = 64,
                                         .lost = -3,
                                         .highest = 0x10007,
                                         .jitter = 11,
                                         .last_sr = 12,
                                         .delay = 65536};
    rr.reports[1].ssrc = 10;
    rtcp_write_reports(&w, &rr);
    rtcp_write_app(&w, &(struct rtcp_app){3, 5, bytes_of("duet"), bytes_of("1234")});
    struct explain *x = explained(writer_done(&w));
    explained_text(x, "packets.0.name", "RR");
    explained_absent(x, "packets.0.ntp");
    explained_number(x, "packets.0.reports.0.ssrc", 9);
    explained_number(x, "packets.0.reports.0.fractionLost", 64);
    explained_number(x, "packets.0.reports.0.packetsLost", -3);
    explained_number(x, "packets.0.reports.0.highestSequence", 0x10007);
    explained_number(x, "packets.0.reports.0.jitter", 11);
    explained_number(x, "packets.0.reports.0.lastSr", 12);
    explained_number(x, "packets.0.reports.0.delaySinceLastSr", 65536);
    explained_number(x, "packets.0.reports.1.ssrc", 10);
    explained_text(x, "packets.1.name", "APP");
    explained_number(x, "packets.1.subtype", 3);
    explained_text(x, "packets.1.appName", "duet");
    explained_text(x, "packets.1.data", "31323334");
    explain_free(x);
}
END_TEST

START_TEST(feedback)
{
    static const uint16_t lost[] = {65535, 0, 17, 40};
    static const uint32_t ssrcs[] = {3, 4};
    static const struct rtcp_fir firs[] = {{7, 1}, {8, 255}};
    uint8_t room[400];
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_nack(&w, 1, 2, lost, COUNT(lost));
    rtcp_write_pli(&w, 1, 2);
    rtcp_write_fir(&w, 1, firs, COUNT(firs));
    rtcp_write_remb(&w, 1, 300000, ssrcs, COUNT(ssrcs));
    size_t rrr = rtcp_begin(&w, RTPFB_RRR, RTCP_RTPFB); /* RFC 6051 §3.2: no FCI */
    write_u64(&w, 0x0000000100000002);
    rtcp_end(&w, rrr);
    rtcp_write_bye(&w, &(struct rtcp_bye){2, {1, 2}, bytes_of("done")});
    struct explain *x = explained(writer_done(&w));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "packets.0.name", "NACK");
    explained_number(x, "packets.0.senderSsrc", 1);
    explained_number(x, "packets.0.mediaSsrc", 2);
    ck_assert_uint_eq(explained_count(x, "packets.0.lost"), 4);
    explained_number(x, "packets.0.lost.0", 65535);
    explained_number(x, "packets.0.lost.3", 40);
    explained_text(x, "packets.1.name", "PLI");
    explained_text(x, "packets.2.name", "FIR");
    explained_number(x, "packets.2.entries.1.ssrc", 8);
    explained_number(x, "packets.2.entries.1.seqNr", 255);
    explained_text(x, "packets.3.name", "REMB");
    explained_number(x, "packets.3.bitrate", 300000);
    explained_number(x, "packets.3.ssrcs.1", 4);
    explained_text(x, "packets.4.name", "RRR");
    explained_absent(x, "packets.4.fci");
    explained_text(x, "packets.5.name", "BYE");
    explained_number(x, "packets.5.ssrcs.1", 2);
    explained_text(x, "packets.5.reason", "done");
    ck_assert(bytes_is(explained_field(x, "lost")->value, "65535 0 17 40"));
    ck_assert(
        explained_summary_has(x, "NACK of 4 packets, PLI for 2, FIR, REMB 300000 bit/s, RRR, BYE"));
    const struct explain_field *f = explained_field(x, "NACK");
    ck_assert_uint_eq(f->offset, 0);
    explain_free(x);
}
END_TEST

/* What nobody told us stays visible, and does not end the walk. */
START_TEST(unknown_packets_are_kept)
{
    uint8_t room[200];
    struct writer w = writer_of(room, sizeof room);
    size_t at = rtcp_begin(&w, 9, RTCP_PSFB);
    write_u64(&w, 1);
    write_u32(&w, 0xAABBCCDD);
    rtcp_end(&w, at);
    at = rtcp_begin(&w, PSFB_AFB, RTCP_PSFB);
    write_u64(&w, 1);
    write_text(&w, "ELSE");
    rtcp_end(&w, at);
    at = rtcp_begin(&w, 1, 210);
    write_u32(&w, 5);
    rtcp_end(&w, at);
    at = rtcp_begin(&w, 0, RTCP_XR);
    write_u32(&w, 6);
    write_u32(&w, 0x2A070001);
    write_u32(&w, 0x01020304);
    write_u32(&w, 0x04000001); /* a reference time of one word */
    write_u32(&w, 7);
    rtcp_end(&w, at);
    struct explain *x = explained(writer_done(&w));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "packets.0.name", "PSFB");
    explained_text(x, "packets.0.fci", "aabbccdd");
    explained_text(x, "packets.1.name", "AFB");
    explained_text(x, "packets.1.fci", "454c5345");
    explained_text(x, "packets.2.name", "unknown");
    explained_number(x, "packets.3.blocks.0.type", 42);
    explained_number(x, "packets.3.blocks.0.typeSpecific", 7);
    explained_text(x, "packets.3.blocks.0.data", "01020304");
    ck_assert(explained_field(x, "receiver reference time")->broken);
    explain_free(x);
}
END_TEST

/* SDES of many chunks, one of them empty, then MID (RFC 9143 §15.1). */
START_TEST(chunks)
{
    static const uint8_t sdes[] = {0x83, 202, 0, 7, 0, 0, 0, 1, 1, 1, 'a', 15, 1, '0', 0,   0,
                                   0,    0,   0, 2, 0, 0, 0, 0, 0, 0, 0,   3,  6, 1,   't', 0};
    struct explain *x = explained((struct bytes){sdes, sizeof sdes});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert_uint_eq(explained_count(x, "packets.0.chunks"), 3);
    ck_assert_uint_eq(explained_count(x, "packets.0.chunks.0.items"), 2);
    explained_text(x, "packets.0.chunks.0.items.1.name", "MID");
    explained_number(x, "packets.0.chunks.1.ssrc", 2);
    ck_assert_uint_eq(explained_count(x, "packets.0.chunks.1.items"), 0);
    explained_text(x, "packets.0.chunks.2.items.0.name", "TOOL");
    size_t seen = 0; /* each chunk's field lies at its SSRC */
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        if (!bytes_is(f->name, "chunk")) continue;
        ck_assert_uint_eq(f->raw.at[3], ++seen);
    }
    ck_assert_uint_eq(seen, 3);
    explain_free(x);
}
END_TEST

/* Faults count from the datagram, whichever packet they are in. */
START_TEST(a_fault_in_a_later_packet)
{
    static const struct {
        uint8_t type, format;
        const char *fci;
        size_t len;
    } rows[] = {{RTCP_PSFB, PSFB_FIR, "\0\0\0\x09", 4}, /* half an entry */
                {RTCP_RTPFB, RTPFB_NACK, "", 0},
                {RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\1\0\0\0\0", 8},
                {RTCP_PSFB, PSFB_AFB, "REMB\2\0\0\1\0\0\0\5", 12}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        struct fault fault;
        struct writer w = writer_of(room, sizeof room);
        rtcp_write_reports(&w, &(struct rtcp_reports){.ssrc = 1});
        size_t at = rtcp_begin(&w, rows[i].format, rows[i].type);
        write_u64(&w, 1);
        write_bytes(&w, (struct bytes){(const uint8_t *)rows[i].fci, rows[i].len});
        rtcp_end(&w, at);
        struct explain *x = explained(writer_done(&w));
        ck_assert_int_eq(rtcp_check(writer_done(&w), &fault), E_MALFORMED);
        ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
        ck_assert_uint_eq(explain_fault(x)->offset, fault.offset);
        ck_assert_uint_gt(explain_fault(x)->offset, 8);
        explain_free(x);
    }
}
END_TEST

/* RFC 3550 §6.7: SSRC and name are not optional. */
START_TEST(an_app_without_a_name)
{
    static const uint8_t bad[] = {0x80, 201, 0, 1, 0, 0, 0, 1, 0x80, 204, 0, 1, 0, 0, 0, 1};
    struct explain *x = explained((struct bytes){bad, sizeof bad});
    ck_assert_int_eq(explain_fault(x)->err, E_TRUNCATED);
    ck_assert_uint_eq(explain_fault(x)->offset, sizeof bad);
    explained_absent(x, "packets.1.appName");
    explain_free(x);
}
END_TEST

/* All numbers are members; the line for people is cut, and says by how many. */
START_TEST(long_lists_are_cut_for_people)
{
    uint16_t lost[100];
    uint8_t room[500];
    for (size_t i = 0; i < COUNT(lost); i++) lost[i] = (uint16_t)(10000 + 20 * i);
    for (size_t count = 1; count <= COUNT(lost); count += COUNT(lost) - 1) {
        struct writer w = writer_of(room, sizeof room);
        rtcp_write_nack(&w, 1, 2, lost, count);
        struct explain *x = explained(writer_done(&w));
        ck_assert_int_eq(explain_fault(x)->err, OK);
        ck_assert_uint_eq(explained_count(x, "packets.0.lost"), count);
        const struct explain_field *f = explained_field(x, "lost");
        size_t shown = 1;
        for (size_t i = 0; i < f->value.len; i++) shown += f->value.at[i] == ' ';
        char more[32];
        snprintf(more, sizeof more, "and %zu more", count - shown);
        ck_assert_int_eq(bytes_starts(f->meaning, more), count > 1);
        ck_assert(explained_summary_has(x, count == 1 ? "of 1 packet" : "of 100 packets"));
        ck_assert(!explained_summary_has(x, "of 1 packets"));
        explain_free(x);
    }
}
END_TEST

/* RFC 3168 §5: both bits of ECN say that a router was about to drop it. */
START_TEST(marks_of_congestion_are_counted)
{
    static const uint8_t in[] = {0x8B, 205, 0,    6,    0,    0,    0,    1, 0, 0, 0, 2, 0,    9,
                                 0,    4,   0xE0, 0x01, 0xE0, 0x02, 0xC0, 3, 0, 0, 0, 1, 0x80, 0};
    struct explain *x = explained((struct bytes){in, sizeof in});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_number(x, "packets.0.reports.0.metrics.0.ecn", 3);
    explained_number(x, "packets.0.reports.0.metrics.2.ecn", 2);
    explained_absent(x, "packets.0.reports.0.metrics.3.ecn");
    const struct explain_field *f = explained_field(x, "report");
    ck_assert(bytes_is(f->value, "SSRC 2, from 9 on: 3 received, 1 not"));
    ck_assert(bytes_starts(f->meaning, "2 with the mark of congestion"));
    explain_free(x);
}
END_TEST

START_TEST(srtcp_shows_its_first_header)
{
    static const uint8_t sealed[] = {0x80, 200, 0, 6, 0, 0, 0, 5, 0xFF, 0xFF, 0xFF, 0xFF, 1};
    struct bytes in = {sealed, sizeof sealed};
    struct explain *x = explain_new("rtcp", in);
    srtcp_explain(x, in);
    explained_is_sound(x);
    explained_text(x, "packets.0.name", "SR");
    explained_number(x, "packets.0.ssrc", 5);
    explained_bool(x, "protected", true);
    explain_free(x);
    for (size_t len = 0; len < 8; len++) {
        struct bytes part = {sealed, len};
        x = explain_new("rtcp", part);
        srtcp_explain(x, part);
        explained_is_sound(x);
        ck_assert_int_eq(explain_fault(x)->err, len ? E_TRUNCATED : explain_fault(x)->err);
        ck_assert_int_ne(explain_fault(x)->err, OK);
        explain_free(x);
    }
}
END_TEST

/* The verdict is rtcp_check's, but for CCFB, which that lets pass unread. */
static void try(struct bytes in)
{
    struct fault fault = {0};
    enum err err = rtcp_check(in, &fault);
    struct explain *x = explained(in);
    if (err != OK) {
        ck_assert_int_ne(explain_fault(x)->err, OK);
        ck_assert_uint_le(explain_fault(x)->offset, fault.offset);
    }
    explain_free(x);
    x = explain_new("rtcp", in);
    srtcp_explain(x, in);
    explained_is_sound(x);
    explain_free(x);
}

START_TEST(every_prefix_and_every_bit)
{
    static const char *const names[] = {"chromium-plain-ccfb-00", "chromium-plain-ccfb-01",
                                        "chromium-plain-vp8-00", "chromium-plain-vp8-05"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[100];
        snprintf(path, sizeof path, SAMPLES "%s.bin", names[i]);
        struct bytes file = suite_file(path);
        for (size_t len = 0; len <= file.len; len++) {
            uint8_t *exact = malloc(len ? len : 1);
            memcpy(exact, file.at, len);
            try((struct bytes){exact, len});
            free(exact);
        }
        uint8_t *datagram = malloc(file.len);
        memcpy(datagram, file.at, file.len);
        for (size_t bit = 0; bit < 8 * file.len; bit++) {
            datagram[bit / 8] ^= (uint8_t)(1u << bit % 8);
            try((struct bytes){datagram, file.len});
            datagram[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(datagram);
        free((void *)(uintptr_t)file.at);
    }
}
END_TEST

SUITE("rtp explainrtcp", a_browser_s_sender_report, a_browser_s_transport_feedback,
      a_browser_s_congestion_feedback, reports, feedback, unknown_packets_are_kept, chunks,
      a_fault_in_a_later_packet, an_app_without_a_name, long_lists_are_cut_for_people,
      marks_of_congestion_are_counted, srtcp_shows_its_first_header, every_prefix_and_every_bit)
