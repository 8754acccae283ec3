#include "sdp/parse.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

#include <string.h>

/* Of a whole description: in each section, and before the first. */
#define ALL_LINES_MAX ((size_t)SDP_LINES_MAX * (SDP_SECTIONS_MAX + 1))

/* One description being parsed. */
struct parser {
    struct sdp *sdp;
    struct sdp_line *lines;                        /* writable view of sdp->lines */
    struct sdp_section sections[SDP_SECTIONS_MAX]; /* until it is known how many there are */
    struct sdp_lines *present; /* where lines belong: the session's, or the last section's */
    size_t time_count;
    size_t stray_cr_count; /* less one for each that ended a line */
};

static size_t offset_of(const struct sdp *sdp, struct bytes part)
{
    return part.at ? (size_t)(part.at - sdp->text.at) : 0;
}

BYTES_RARELY static enum err refuse(struct sdp *sdp, enum err err, size_t offset, const char *rule)
{
    sdp->fault = (struct fault){.err = err, .layer = "sdp", .offset = offset, .rule = rule};
    return err;
}

/* A fault inside `part` of the text becomes the fault of the description. */
BYTES_RARELY static enum err refuse_part(struct sdp *sdp, struct bytes part,
                                         const struct fault *fault)
{
    return refuse(sdp, fault->err, offset_of(sdp, part) + fault->offset, fault->rule);
}

static enum err refuse_reader(struct sdp *sdp, struct bytes part, const struct reader *r)
{
    struct fault fault = reader_fault(r, "sdp");
    return r->err == OK ? OK : refuse_part(sdp, part, &fault);
}

/* RFC 8866 §9: no byte-string holds NUL or CR. */
BYTES_RARELY static enum err refuse_nul(struct sdp *sdp, struct bytes text)
{
    const uint8_t *nul = memchr(text.at, 0, text.len);
    return refuse(sdp, E_MALFORMED, (size_t)(nul - text.at),
                  "there is no NUL in a description (RFC 8866 9)");
}

/* A line was refused, or all were taken but not all CRs ended one. Such a CR is named before what
 * it may have broken. */
BYTES_RARELY static enum err refuse_cr(struct sdp *sdp, enum err otherwise)
{
    struct bytes text = sdp->text;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\r' && (i + 1 == text.len || text.at[i + 1] != '\n'))
            return refuse(sdp, E_MALFORMED, i, "a CR stands only before an LF (RFC 8866 9)");
    return otherwise;
}

/* "- 4962303333179871722 1 IN IP4 127.0.0.1": RFC 8866 §5.2. Numbers stay text: RFC 8866 sets them
 * no bound. */
static enum err parse_origin(struct sdp *sdp, struct bytes value)
{
    static const char rule[] =
        "o= is <user> <session id> <version> <nettype> <addrtype> <address> (RFC 8866 5.2)";
    struct reader r = reader_of(value);
    struct bytes *const words[] = {&sdp->origin.user,      &sdp->origin.session_id,
                                   &sdp->origin.version,   &sdp->origin.net_type,
                                   &sdp->origin.addr_type, &sdp->origin.address};
    for (size_t i = 0; i < COUNT(words); i++) {
        if (i) sdp_expect_char(&r, ' ', rule);
        bool number = words[i] == &sdp->origin.session_id || words[i] == &sdp->origin.version;
        *words[i] = number ? sdp_scan_digits(&r, rule) : sdp_scan_word(&r, rule);
    }
    sdp_expect_end(&r, rule);
    return refuse_reader(sdp, value, &r);
}

/* "IN IP4 0.0.0.0": RFC 8866 §5.7. */
static enum err parse_connection(struct sdp *sdp, struct bytes value)
{
    static const char rule[] = "c= is <nettype> <addrtype> <address> (RFC 8866 5.7)";
    struct reader r = reader_of(value);
    sdp_scan_token(&r, rule);
    sdp_expect_char(&r, ' ', rule);
    sdp_scan_token(&r, rule);
    sdp_expect_char(&r, ' ', rule);
    sdp_scan_word(&r, rule);
    sdp_expect_end(&r, rule);
    return refuse_reader(sdp, value, &r);
}

/* "0 0": RFC 8866 §5.9. */
static enum err parse_time(struct sdp *sdp, struct bytes value)
{
    static const char rule[] = "t= is <start> <stop> (RFC 8866 5.9)";
    struct reader r = reader_of(value);
    sdp_scan_number(&r, UINT64_MAX, rule);
    sdp_expect_char(&r, ' ', rule);
    sdp_scan_number(&r, UINT64_MAX, rule);
    sdp_expect_end(&r, rule);
    return refuse_reader(sdp, value, &r);
}

/* "AS:256": RFC 8866 §5.8. */
static enum err parse_bandwidth(struct sdp *sdp, struct bytes value)
{
    static const char rule[] = "b= is <type>:<bandwidth> (RFC 8866 5.8)";
    struct reader r = reader_of(value);
    sdp_scan_token(&r, rule);
    sdp_expect_char(&r, ':', rule);
    sdp_scan_number(&r, UINT64_MAX, rule);
    sdp_expect_end(&r, rule);
    return refuse_reader(sdp, value, &r);
}

static enum sdp_kind kind_of(struct bytes media)
{
    if (bytes_is(media, "audio")) return SDP_AUDIO;
    if (bytes_is(media, "video")) return SDP_VIDEO;
    if (bytes_is(media, "application")) return SDP_APPLICATION;
    return SDP_OTHER;
}

/* token *("/" token) */
static bool is_protocol(struct bytes text)
{
    struct reader r = reader_of(text);
    do sdp_scan_token(&r, "");
    while (sdp_scan_char(&r, '/'));
    sdp_expect_end(&r, "");
    return r.err == OK;
}

/* "audio 9 UDP/TLS/RTP/SAVPF 111 63": RFC 8866 §5.14. */
static enum err parse_media(struct sdp *sdp, struct bytes value, struct sdp_section *section)
{
    static const char rule[] =
        "m= is <media> <port>[/<count>] <protocol> <format>... (RFC 8866 5.14)";
    struct reader r = reader_of(value);
    section->media = sdp_scan_token(&r, rule);
    section->kind = kind_of(section->media);
    sdp_expect_char(&r, ' ', rule);
    section->port = (uint16_t)sdp_scan_number(&r, 65535, rule);
    if (sdp_scan_char(&r, '/')) sdp_scan_number(&r, 65535, rule);
    sdp_expect_char(&r, ' ', rule);
    section->protocol = sdp_scan_word(&r, rule);
    if (!is_protocol(section->protocol)) reader_fail(&r, E_MALFORMED, rule);
    sdp_expect_char(&r, ' ', rule);
    section->formats = read_rest(&r);
    struct reader formats = reader_of(section->formats);
    do sdp_scan_token(&formats, rule);
    while (sdp_scan_char(&formats, ' '));
    sdp_expect_end(&formats, rule);
    if (r.err == OK && formats.err != OK) return refuse_reader(sdp, section->formats, &formats);
    return refuse_reader(sdp, value, &r);
}

/* Takes "name:" or "name" off the line. */
static enum sdp_attr scan_name(struct reader *r, bool *has_value, const char *rule)
{
    *has_value = true;
    /* Most lines of a browser's offer: known before it is known where their names end. */
    if (sdp_scan_literal(r, "rtcp-fb:")) return SDP_ATTR_RTCP_FB;
    if (sdp_scan_literal(r, "rtpmap:")) return SDP_ATTR_RTPMAP;
    if (sdp_scan_literal(r, "fmtp:")) return SDP_ATTR_FMTP;
    if (sdp_scan_literal(r, "extmap:")) return SDP_ATTR_EXTMAP;
    if (sdp_scan_literal(r, "candidate:")) return SDP_ATTR_CANDIDATE;
    if (sdp_scan_literal(r, "ssrc:")) return SDP_ATTR_SSRC;
    struct bytes name = sdp_scan_token(r, rule);
    *has_value = reader_left(r) > 0;
    if (*has_value) sdp_expect_char(r, ':', rule);
    return sdp_attr_find(name);
}

/* "name", "name:value": RFC 8866 §5.13. */
static enum err parse_attribute(struct sdp *sdp, struct sdp_line *line)
{
    static const char rule[] = "the name of an attribute is a token (RFC 8866 5.13)";
    struct reader r = reader_of(line->value);
    struct fault fault;
    bool has_value;
    enum sdp_attr attr = scan_name(&r, &has_value, rule);
    if (r.err != OK) return refuse(sdp, E_MALFORMED, offset_of(sdp, line->text) + 2, rule);
    line->value = has_value ? read_rest(&r) : (struct bytes){NULL, 0};
    if (sdp_attr_parse(attr, line->value, &sdp->arena, &line->as, &fault) != OK)
        return refuse_part(sdp, has_value ? line->value : line->text, &fault);
    line->attr = (uint8_t)attr;
    return OK;
}

/* The first three lines have their places (RFC 8866 §5): v=0, o=, s=. */
static enum err parse_head(struct sdp *sdp, size_t index, const struct sdp_line *line)
{
    static const char order[] = {'v', 'o', 's'};
    static const char *const rules[] = {"the first line is exactly v=0 (RFC 8866 5.1)",
                                        "the second line is o= (RFC 8866 5.2)",
                                        "the third line is s= (RFC 8866 5.3)"};
    if (line->type != order[index] || (index == 0 && !bytes_is(line->text, "v=0")))
        return refuse(sdp, E_MALFORMED, offset_of(sdp, line->text), rules[index]);
    if (index == 1) return parse_origin(sdp, line->value);
    /* RFC 8866 §5.3 wants "-" or a blank for no name; RFC 9143's examples have nothing at all. */
    if (index == 2) sdp->name = line->value;
    return OK;
}

/* All but m= and a=. Within the session and within a section the order of lines is not enforced,
 * though RFC 8866 §5 fixes it: nothing here depends on it, and peers get it wrong. */
static enum err parse_body(struct parser *p, struct sdp_line *line)
{
    struct sdp *sdp = p->sdp;
    bool in_section = sdp->section_count > 0;
    switch (line->type) {
    case 'c': return parse_connection(sdp, line->value);
    case 'b': return parse_bandwidth(sdp, line->value);
    case 'i':
    case 'k': return OK;
    case 't':
        if (!in_section) p->time_count++;
        if (!in_section) return parse_time(sdp, line->value);
        break;
    case 'u':
    case 'e':
    case 'p':
    case 'r':
    case 'z':
        if (!in_section) return OK;
        break;
    case 'v':
    case 'o':
    case 's': break;
    default:
        /* RFC 8866 §5: a description with an unknown letter is ignored or rejected as a whole. */
        return refuse(sdp, E_UNSUPPORTED, offset_of(sdp, line->text),
                      "there is no such type of line (RFC 8866 5)");
    }
    return refuse(sdp, E_MALFORMED, offset_of(sdp, line->text),
                  "this line does not belong here (RFC 8866 5)");
}

static enum err begin_section(struct parser *p, const struct sdp_line *line)
{
    struct sdp *sdp = p->sdp;
    if (sdp->section_count == SDP_SECTIONS_MAX)
        return refuse(sdp, E_FULL, offset_of(sdp, line->text),
                      "at most 64 media sections (a bound of ours)");
    struct sdp_section *section = &p->sections[sdp->section_count++];
    *section = (struct sdp_section){.lines = {line, 1}};
    p->present = &section->lines;
    return parse_media(sdp, line->value, section);
}

static enum err parse_line(struct parser *p, struct sdp_line *line, struct bytes text)
{
    struct sdp *sdp = p->sdp;
    size_t index = (size_t)(line - p->lines);
    if (text.len < 2 || text.at[1] != '=')
        return refuse(sdp, E_MALFORMED, offset_of(sdp, text),
                      "a line is <letter>=<value> (RFC 8866 5)");
    line->type = (char)text.at[0];
    line->attr = SDP_ATTR_UNKNOWN;
    line->text = text;
    line->value = (struct bytes){text.at + 2, text.len - 2};
    /* Of an attribute sdp_attr_parse sees to it. */
    if (line->type != 'a' || index < 3) memset(&line->as, 0, sizeof line->as);
    if (line->type == 'm' && index > 2) return begin_section(p, line);
    if (p->present->count++ >= SDP_LINES_MAX)
        return refuse(sdp, E_FULL, offset_of(sdp, line->text),
                      "at most 256 lines in one section (a bound of ours)");
    if (index < 3) return parse_head(sdp, index, line);
    return line->type == 'a' ? parse_attribute(sdp, line) : parse_body(p, line);
}

static enum err parse_lines(struct parser *p)
{
    struct sdp *sdp = p->sdp;
    struct reader text = reader_of(sdp->text);
    struct bytes line;
    for (size_t i = 0; sdp_scan_line(&text, &line); i++) {
        p->stray_cr_count -= line.at[line.len] == '\r';
        enum err err = parse_line(p, &p->lines[i], line);
        if (err != OK) return refuse_cr(sdp, err);
    }
    if (p->stray_cr_count) return refuse_cr(sdp, E_MALFORMED);
    if (reader_left(&text))
        return refuse(sdp, E_TRUNCATED, reader_offset(&text),
                      "every line ends in CRLF (RFC 8866 5)");
    if (p->time_count == 0)
        return refuse(sdp, sdp->lines.count < 4 ? E_TRUNCATED : E_MALFORMED, sdp->text.len,
                      "there is a t= line before the first m= (RFC 8866 5.9)");
    return OK;
}

/* How often some bytes stand in a text. */
struct counts {
    size_t lf, cr, nul;
};

/* Summed up in eight bits for so long as they can hold it: that is what a compiler makes sixteen
 * comparisons at a time of. */
static struct counts count_ends(struct bytes text)
{
    enum { SOME = 240 };
    struct counts all = {0};
    for (size_t from = 0; from < text.len; from += SOME) {
        const uint8_t *at = text.at + from;
        size_t some = text.len - from < SOME ? text.len - from : SOME;
        uint8_t lf = 0, cr = 0, nul = 0;
        for (size_t i = 0; i < some; i++) {
            lf = (uint8_t)(lf + (at[i] == '\n'));
            cr = (uint8_t)(cr + (at[i] == '\r'));
            nul = (uint8_t)(nul + (at[i] == 0));
        }
        all.lf += lf;
        all.cr += cr;
        all.nul += nul;
    }
    return all;
}

/* More than SDP_SECTIONS_MAX sections and what is before them may hold. */
BYTES_RARELY static enum err refuse_lines(struct sdp *sdp, struct bytes text)
{
    size_t count = 0, offset = 0;
    while (count < ALL_LINES_MAX) count += text.at[offset++] == '\n';
    return refuse(sdp, E_FULL, offset, "at most 16640 lines (a bound of ours)");
}

static enum err take_room(struct parser *p, struct bytes text)
{
    struct sdp *sdp = p->sdp;
    struct counts counts = count_ends(text);
    size_t count = counts.lf;
    if (counts.nul) return refuse_nul(sdp, text);
    if (count > ALL_LINES_MAX) return refuse_lines(sdp, text);
    p->stray_cr_count = counts.cr;
    /* The lines, the text, and half as much again for codecs and lists, as browsers' offers have.
     */
    if (!arena_reserve(&sdp->arena, (count + 1) * sizeof *p->lines + text.len * 3 / 2 + 64))
        return refuse(sdp, E_NOMEM, 0, "no room for the lines");
    p->lines = arena_take_unset(&sdp->arena, (count + 1) * sizeof *p->lines);
    sdp->text = arena_copy(&sdp->arena, text);
    if (!p->lines || !sdp->text.at) return refuse(sdp, E_NOMEM, 0, "no room for the lines");
    sdp->lines = (struct sdp_lines){p->lines, count};
    sdp->session.at = p->lines;
    p->present = &sdp->session;
    return OK;
}

static enum err keep_sections(struct parser *p)
{
    struct sdp *sdp = p->sdp;
    size_t size = sdp->section_count * sizeof *p->sections;
    struct sdp_section *sections = arena_take(&sdp->arena, size);
    if (!sections) return refuse(sdp, E_NOMEM, 0, "no room for the sections");
    memcpy(sections, p->sections, size);
    sdp->sections = sections;
    sdp->transport = sdp_find_transport(sdp);
    return OK;
}

static enum err gather_groups(struct sdp *sdp)
{
    const struct sdp_line *line = NULL;
    size_t count = 0;
    while ((line = sdp_next(sdp->session, SDP_ATTR_GROUP, line))) count++;
    struct sdp_group *groups = arena_take(&sdp->arena, count * sizeof *groups);
    if (!groups) return refuse(sdp, E_NOMEM, 0, "no room for the groups");
    while ((line = sdp_next(sdp->session, SDP_ATTR_GROUP, line)))
        groups[sdp->group_count++] = line->as.group;
    sdp->groups = groups;
    return OK;
}

/* What the lines of each section say together, the session's first. */
static enum err gather(struct parser *p)
{
    struct sdp *sdp = p->sdp;
    struct sdp_section defaults = {.lines = sdp->session};
    struct fault fault;
    if (sdp_section_gather(&defaults, NULL, &sdp->arena, &fault) != OK)
        return refuse_part(sdp, sdp->text, &fault);
    sdp->ice_lite = defaults.ice_lite;
    if (gather_groups(sdp) != OK) return sdp->fault.err;
    for (size_t i = 0; i < sdp->section_count; i++) {
        struct sdp_section *section = &p->sections[i];
        if (sdp_section_gather(section, &defaults, &sdp->arena, &fault) != OK)
            return refuse_part(sdp, section->formats, &fault);
    }
    return OK;
}

enum err sdp_parse(struct sdp *out, struct bytes text)
{
    *out = (struct sdp){0};
    arena_init(&out->arena, SDP_ARENA_MAX);
    if (text.len > SDP_TEXT_MAX)
        return refuse(out, E_FULL, SDP_TEXT_MAX, "at most 64 KiB (a bound of ours)");
    struct parser p; /* its sections are set as they begin */
    p.sdp = out;
    p.time_count = 0;
    enum err err = take_room(&p, text);
    if (err == OK) err = parse_lines(&p);
    if (err == OK) err = gather(&p);
    if (err == OK) err = keep_sections(&p);
    if (err != OK) {
        struct fault fault = out->fault;
        sdp_free(out);
        out->fault = fault;
    }
    return err;
}

void sdp_free(struct sdp *sdp)
{
    if (!sdp) return;
    arena_free(&sdp->arena);
    *sdp = (struct sdp){0};
}

size_t sdp_line_number(struct bytes text, size_t offset)
{
    size_t number = 1;
    for (size_t i = 0; i < offset && i < text.len; i++) number += text.at[i] == '\n';
    return number;
}
