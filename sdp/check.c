#include "sdp/check.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

/* The first rule that is broken ends the check. */
struct check {
    const struct sdp *sdp;
    enum sdp_type type;
    struct fault *fault;
};

/* A fault at the start of a section, or of the description where there is none. */
static enum err refuse(const struct check *c, const struct sdp_section *section, enum err err,
                       const char *rule)
{
    size_t offset = section ? (size_t)(section->lines.at->text.at - c->sdp->text.at) : 0;
    *c->fault = (struct fault){.err = err, .layer = "sdp", .offset = offset, .rule = rule};
    return err;
}

static enum err check_mids(const struct check *c)
{
    for (size_t i = 0; i < c->sdp->section_count; i++) {
        const struct sdp_section *section = &c->sdp->sections[i];
        if (section->mid.len && sdp_find_mid(c->sdp, section->mid) != section)
            return refuse(c, section, E_MALFORMED, "a mid stands in one section (RFC 5888 4)");
    }
    return OK;
}

static enum err check_groups(const struct check *c)
{
    bool bundled[SDP_SECTIONS_MAX] = {false};
    for (size_t i = 0; i < c->sdp->group_count; i++) {
        const struct sdp_group *group = &c->sdp->groups[i];
        if (!bytes_is(group->semantics, "BUNDLE")) continue;
        for (size_t k = 0; k < group->count; k++) {
            const struct sdp_section *section = sdp_find_mid(c->sdp, group->mids[k]);
            if (!section)
                return refuse(c, NULL, E_MALFORMED,
                              "a BUNDLE group names mids of this description (RFC 9143 7.1)");
            size_t index = sdp_section_index(c->sdp, section);
            if (bundled[index])
                return refuse(c, section, E_MALFORMED,
                              "a mid stands once in one BUNDLE group (RFC 9143 7.1)");
            bundled[index] = true;
        }
    }
    return OK;
}

static enum err check_ice(const struct check *c, const struct sdp_section *s)
{
    if (s->ice_ufrag.len < 4 || s->ice_ufrag.len > 256 || !sdp_is_ice_chars(s->ice_ufrag))
        return refuse(c, s, E_MALFORMED, "ice-ufrag is 4 to 256 ice-chars (RFC 8839 5.4)");
    if (s->ice_pwd.len < 22 || s->ice_pwd.len > 256 || !sdp_is_ice_chars(s->ice_pwd))
        return refuse(c, s, E_MALFORMED, "ice-pwd is 22 to 256 ice-chars (RFC 8839 5.4)");
    return OK;
}

static enum err check_dtls(const struct check *c, const struct sdp_section *s)
{
    bool known = false;
    for (size_t i = 0; i < s->fingerprint_count; i++)
        known = known || s->fingerprints[i].hash >= SDP_SHA256;
    if (s->fingerprint_count == 0)
        return refuse(c, s, E_MALFORMED, "there is a fingerprint (RFC 8842 5.1, RFC 8827 6.5)");
    if (!known)
        return refuse(c, s, E_UNSUPPORTED,
                      "one fingerprint is by sha-256, sha-384 or sha-512 (RFC 8122 5)");
    if (c->type == SDP_ANSWER && s->setup != SDP_ACTIVE && s->setup != SDP_PASSIVE)
        return refuse(c, s, E_MALFORMED, sdp_rule_setup_answer);
    if (s->setup == SDP_SETUP_NONE || s->setup == SDP_HOLDCONN)
        return refuse(c, s, E_MALFORMED, sdp_rule_setup_offer);
    return OK;
}

static enum err check_numbers(const struct check *c, const struct sdp_section *s)
{
    bool pts[SDP_PT_MAX + 1] = {false}, ids[256] = {false};
    for (size_t i = 0; i < s->codec_count; i++) {
        if (pts[s->codecs[i].pt])
            return refuse(c, s, E_MALFORMED, "a payload type is listed once (RFC 8866 5.14)");
        pts[s->codecs[i].pt] = true;
    }
    for (size_t i = 0; i < s->extmap_count; i++) {
        if (s->extmaps[i].id > 255) continue; /* RFC 8285 §7: no number yet */
        if (ids[s->extmaps[i].id])
            return refuse(c, s, E_MALFORMED, "an extmap id is used once in a section (RFC 8285 5)");
        ids[s->extmaps[i].id] = true;
    }
    return OK;
}

/* RFC 9143 §7.1.3: in a bundle only the section that carries the transport must describe it. */
static bool needs_transport(const struct check *c, const struct sdp_section *section)
{
    const struct sdp_group *group = sdp_bundle(c->sdp);
    return section == sdp_transport_section(c->sdp) || !group ||
           !sdp_group_has(group, section->mid);
}

static enum err check_section(const struct check *c, const struct sdp_section *s)
{
    enum err err = OK;
    bool needs = needs_transport(c, s);
    if (!s->has_connection)
        return refuse(c, s, E_MALFORMED,
                      "there is a c= line in each section or before all (RFC 8866 5.7)");
    if (needs || s->ice_ufrag.len || s->ice_pwd.len) err = check_ice(c, s);
    if (err == OK && (needs || s->setup)) err = check_dtls(c, s);
    if (err == OK && c->type == SDP_ANSWER && s->codec_count && !sdp_has_rtcp_mux(c->sdp, s))
        err = refuse(c, s, E_UNSUPPORTED, "rtcp-mux is required (RFC 8858 3, RFC 8829 5.1.1)");
    return err == OK ? check_numbers(c, s) : err;
}

enum err sdp_check(const struct sdp *sdp, enum sdp_type type, struct fault *fault)
{
    struct check c = {sdp, type, fault};
    *fault = (struct fault){0};
    enum err err = check_mids(&c);
    if (err == OK) err = check_groups(&c);
    for (size_t i = 0; err == OK && i < sdp->section_count; i++) {
        const struct sdp_section *section = &sdp->sections[i];
        bool rejected = type == SDP_ANSWER ? section->port == 0 : sdp_is_rejected(section);
        if (!rejected) err = check_section(&c, section);
    }
    return err;
}
