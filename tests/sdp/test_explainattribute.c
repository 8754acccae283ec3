/* What single lines of a description are told to mean, and which of them break a rule. */
#include "sdp/explain.h"

#include "tests/explained.h"
#include "tests/sdp/session.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

static struct explain *explained(struct bytes text)
{
    struct explain *x = explain_new("sdp", text);
    sdp_explain(x, text, NULL);
    explained_is_sound(x);
    return x;
}

/* One line whose field is called `name` means this, or breaks the rule (`broken`). */
struct row {
    const char *line, *name, *means;
    bool broken;
};

/* The first field of that name whose bytes are that line. */
static const struct explain_field *field_of(const struct explain *x, const struct row *row)
{
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        if (bytes_is(f->name, row->name) && bytes_is(f->raw, row->line)) return f;
    }
    ck_abort_msg("no %s of %s", row->name, row->line);
    return NULL;
}

/* Each line behind `before`. */
static void lines_mean(const char *before, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048], said[1024];
        snprintf(text, sizeof text, "%s%s\r\n", before, rows[i].line);
        struct explain *x = explained(bytes_of(text));
        ck_assert_msg(explain_fault(x)->err == OK, "%s: %s", rows[i].line, explain_fault(x)->rule);
        const struct explain_field *f = field_of(x, &rows[i]);
        ck_assert_uint_lt(f->meaning.len, sizeof said);
        bytes_to_text(f->meaning, said, sizeof said);
        ck_assert_msg(strstr(said, rows[i].means) != NULL, "%s: %s", rows[i].line, said);
        ck_assert_msg(f->broken == rows[i].broken, "%s", rows[i].line);
        explain_free(x);
    }
}

#define SECTION HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"

START_TEST(what_single_attributes_mean)
{
    static const struct row rows[] = {
        {"a=sctp-port:0", "sctp-port", "0 ends the association (RFC 8841 9)", false},
        {"a=sctp-port:5000", "sctp-port", "SCTP port 5000 inside DTLS", false},
        {"a=max-message-size:0", "max-message-size", "may have any length", false},
        {"a=ptime:20", "ptime", "20 ms of sound in a packet are welcome", false},
        {"a=maxptime:60", "maxptime", "at most 60 ms of sound", false},
        {"a=inactive", "inactive", "neither sends nor receives", false},
        {"a=rid:a send", "rid", "may be sent", false},
        {"a=rid:a recv", "rid", "may be received", false},
        {"a=ssrc-group:FID 1 2", "ssrc-group", "SSRC 2 sends packets of 1 again", false},
        {"a=ssrc-group:FID 1 2 3", "ssrc-group", "are two (RFC 5576 4.2)", true},
        {"a=ssrc-group:SIM 1 2 3", "ssrc-group", "the old way of simulcast", false},
        {"a=ssrc-group:FEC-FR 1 2", "ssrc-group", "by a rule not used here", false},
        {"a=fmtp:98 x=y", "fmtp", "does not list payload type 98", true},
        {"a=rtcp-fb:98 nack", "rtcp-fb", "does not list payload type 98", true},
        {"a=rtcp-fb:111 never", "rtcp-fb", "not known here", false},
        {"a=rtpmap:111 G722/8000", "rtpmap", "not a codec of ours", false},
        {"a=msid:- t", "msid", "a track in no MediaStream", false},
        {"a=ssrc:7 msid:s t", "ssrc", "before RFC 8830", false},
    };
    lines_mean(SECTION, rows, COUNT(rows));
}
END_TEST

/* RFC 8285 §4.2, §4.3, §5, §7: ids of one-byte headers end at 14, and 4096 up are none yet. */
START_TEST(ids_of_header_extensions)
{
    static const struct row rows[] = {
        {"a=extmap:14 urn:x", "extmap", "element 14", false},
        {"a=extmap:15 urn:x", "extmap", "15 is reserved", true},
        {"a=extmap:16 urn:x", "extmap", "above 14 packets need two-byte headers", false},
        {"a=extmap:4096 urn:x", "extmap", "offered without a number", false},
    };
    lines_mean(SECTION, rows, COUNT(rows));
    static const struct row twice[] = {
        {"a=extmap:14 urn:x", "extmap", "stands for another one already", true}};
    lines_mean(SECTION "a=extmap:14 urn:y\r\n", twice, 1);
    static const char *const quiet[] = {
        SECTION "a=extmap-allow-mixed\r\na=extmap:16 urn:x\r\n",
        SECTION "a=extmap:4096 urn:y\r\na=extmap:4096 urn:x\r\n",
        HEAD "a=extmap:16 urn:x\r\n" /* of the session: what sections allow is not known */
    };
    for (size_t i = 0; i < COUNT(quiet); i++) {
        struct explain *x = explained(bytes_of(quiet[i]));
        size_t seen = 0;
        for (size_t k = 0; k < explain_field_count(x); k++) {
            const struct explain_field *f = explain_field_at(x, k);
            char said[512];
            if (!bytes_is(f->name, "extmap")) continue;
            bytes_to_text(f->meaning, said, sizeof said);
            ck_assert_msg(!f->broken && !strstr(said, "need two-byte"), "%s", said);
            seen++;
        }
        ck_assert_uint_ge(seen, 1);
        explain_free(x);
    }
}
END_TEST

/* RFC 8839 §5.4: 256 at most, both. */
START_TEST(credentials_that_are_too_long)
{
    static const char *const names[] = {"ice-ufrag", "ice-pwd"};
    for (size_t i = 0; i < COUNT(names); i++) {
        for (int len = 256; len <= 257; len++) {
            char line[300];
            snprintf(line, sizeof line, "a=%s:%0*d", names[i], len, 7);
            const struct row row = {line, names[i], len > 256 ? "to 256 ice-chars" : "", len > 256};
            lines_mean(SECTION, &row, 1);
        }
    }
}
END_TEST

/* Before all sections there is no m= line that lists it. */
START_TEST(payload_types_of_no_section)
{
    static const struct row rows[] = {
        {"a=rtpmap:96 x/8000", "rtpmap", "does not list payload type 96", true}};
    lines_mean(HEAD, rows, COUNT(rows));
}
END_TEST

START_TEST(what_other_lines_mean)
{
    static const struct row rows[] = {
        {"b=AS:500", "bandwidth", "in kbit/s", false},
        {"b=TIAS:500000", "bandwidth", "in bit/s, without the headers", false},
        {"b=CT:1", "bandwidth", "a kind that is not used here", false},
    };
    lines_mean(SECTION, rows, COUNT(rows));
    static const struct row connections[] = {
        {"c=IN IP6 ::", "connection", "no address yet", false},
        {"c=IN IP4 0.0.0.0", "connection", "no address yet", false},
        {"c=IN IP4 192.0.2.1", "connection", "candidates decide instead", false},
    };
    lines_mean(HEAD "m=audio 9 RTP/AVP 0\r\n", connections, COUNT(connections));
    struct explain *x = explained(bytes_of(HEAD "m=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"));
    const struct row named = {"c=IN IP4 192.0.2.1", "connection", "", false};
    char said[512];
    bytes_to_text(field_of(x, &named)->meaning, said, sizeof said);
    ck_assert_ptr_null(strstr(said, "no address yet"));
    explain_free(x);
}
END_TEST

/* RFC 9143 §6: bundle-only goes with port 0. */
START_TEST(bundle_only_and_ports)
{
    static const struct {
        unsigned port;
        const char *says;
    } rows[] = {{0, "port 0 and bundle-only"}, {9, "bundle-only says nothing beside a port"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[400], said[1024];
        snprintf(text, sizeof text, HEAD "m=audio %u RTP/AVP 0\r\na=bundle-only\r\n", rows[i].port);
        struct explain *x = explained(bytes_of(text));
        bytes_to_text(explained_field(x, "media")->meaning, said, sizeof said);
        ck_assert_msg(strstr(said, rows[i].says) != NULL, "%s", said);
        explain_free(x);
    }
}
END_TEST

/* However long a group is, as many mids are looked at as there may be sections. */
START_TEST(a_group_without_end)
{
    char text[1024] = HEAD "a=group:BUNDLE";
    for (int i = 0; i < SDP_SECTIONS_MAX; i++) strcat(text, " a");
    strcat(text, " b\r\nm=audio 9 RTP/AVP 0\r\na=mid:a\r\n");
    struct explain *x = explained(bytes_of(text));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert(!explained_field(x, "group")->broken);
    ck_assert(explained_field(x, "as an offer")->broken); /* sdp_check() refuses it all the same */
    explain_free(x);
}
END_TEST

/* The first of two parameters with one name counts, as it does for sdp_fmtp_get(); 64 are told. */
START_TEST(parameters_twice_and_too_many)
{
    struct explain *x =
        explained(bytes_of(SECTION "a=fmtp:111 b=0;a=1;a=2;b=3;=4\r\na=rtpmap:111 x/8000\r\n"));
    explained_text(x, "media.0.fmtp.111.a", "1");
    explained_text(x, "media.0.fmtp.111.b", "0");
    ck_assert_uint_eq(explained_count(x, "media.0.fmtp.111"), 2);
    explain_free(x);
    char text[2048] = SECTION "a=fmtp:111 ";
    for (unsigned i = 0; i < 70; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "p%u=%u;", i, i);
    }
    strcat(text, "\r\n");
    x = explained(bytes_of(text));
    ck_assert_uint_eq(explained_count(x, "media.0.fmtp.111"), 64);
    explained_text(x, "media.0.fmtp.111.p63", "63");
    explain_free(x);
}
END_TEST

/* Of a hash that nobody knows the value may be of any length: RFC 8122 §5. */
START_TEST(a_fingerprint_longer_than_any_hash)
{
    char text[1024] = SECTION "a=fingerprint:x-hash 00";
    for (int i = 1; i < 80; i++) strcat(text, ":AB");
    strcat(text, "\r\n");
    struct explain *x = explained(bytes_of(text));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "media.0.fingerprint.hash", "x-hash");
    struct bytes value = explained_member(x, "media.0.fingerprint.value")->text;
    ck_assert_uint_eq(value.len, 160); /* plain hex */
    ck_assert(bytes_starts(value, "00abab"));
    explain_free(x);
}
END_TEST

/* RFC 8866 §5: every line ends, the last one too; and there may be no text at all. */
START_TEST(the_end_of_the_text)
{
    struct explain *x = explained(bytes_of(HEAD "m=audio 9 RTP/AVP 0"));
    const struct row row = {"m=audio 9 RTP/AVP 0", "refused line", "", true};
    ck_assert(field_of(x, &row)->broken);
    ck_assert_int_ne(explain_fault(x)->err, OK);
    explain_free(x);
    x = explained((struct bytes){NULL, 0});
    ck_assert_int_ne(explain_fault(x)->err, OK);
    ck_assert_uint_eq(explain_fault(x)->offset, 0);
    explain_free(x);
}
END_TEST

SUITE("sdp explainattribute", what_single_attributes_mean, ids_of_header_extensions,
      credentials_that_are_too_long, payload_types_of_no_section, what_other_lines_mean,
      bundle_only_and_ports, a_group_without_end, parameters_twice_and_too_many,
      a_fingerprint_longer_than_any_hash, the_end_of_the_text)
