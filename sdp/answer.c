#include "sdp/answer.h"
#include "sdp/check.h"
#include "sdp/internal.h"

/* What we make of the whole offer before a line of it is written. */
struct plan {
    const struct sdp *offer;
    struct sdp_choice choices[SDP_SECTIONS_MAX];
    const struct sdp_section *transport; /* which carries the bundle; NULL: nothing is taken */
    enum sdp_setup setup;
};

/* RFC 9143 §7.3.1: the first of the offered bundle that we take and that has a port of its own.
 * If there is none (a browser that bundles everything with the data section that we reject), the
 * first that we take and that has all that a transport needs. */
static const struct sdp_section *choose_transport(const struct plan *plan)
{
    const struct sdp_group *group = sdp_bundle(plan->offer);
    const struct sdp_section *second = NULL;
    for (size_t i = 0; group && i < group->count; i++) {
        const struct sdp_section *section = sdp_find_mid(plan->offer, group->mids[i]);
        if (!section || !plan->choices[sdp_section_index(plan->offer, section)].taken) continue;
        if (section->port) return section;
        if (!second && sdp_has_transport(section)) second = section;
    }
    if (second) return second;
    for (size_t i = 0; i < plan->offer->section_count; i++)
        if (plan->choices[i].taken && plan->offer->sections[i].port)
            return &plan->offer->sections[i];
    return NULL;
}

/* Everything we take lives on one transport: what is not bundled with it is rejected. */
static bool joins(const struct plan *plan, const struct sdp_section *section)
{
    const struct sdp_group *group = sdp_bundle(plan->offer);
    if (section == plan->transport) return true;
    return plan->transport && group && sdp_group_has(group, section->mid) &&
           sdp_group_has(group, plan->transport->mid);
}

/* RFC 8842 §5.3: the answer to active is passive and the other way round; actpass leaves it to us,
 * and active saves a round trip (RFC 5763 §5). */
static enum sdp_setup choose_setup(enum sdp_setup offered, enum sdp_setup wanted)
{
    if (offered == SDP_ACTIVE) return SDP_PASSIVE;
    if (offered == SDP_PASSIVE) return SDP_ACTIVE;
    return wanted == SDP_PASSIVE ? SDP_PASSIVE : SDP_ACTIVE;
}

static void make_plan(struct plan *plan, const struct sdp *offer, const struct sdp_local *local,
                      const struct sdp_wish *wishes, size_t count)
{
    *plan = (struct plan){.offer = offer};
    for (size_t i = 0; i < offer->section_count && i < count; i++)
        if (!wishes[i].stopped && wishes[i].kind == offer->sections[i].kind)
            plan->choices[i] = sdp_choose(offer, &offer->sections[i], &local->caps);
    plan->transport = choose_transport(plan);
    for (size_t i = 0; i < offer->section_count; i++)
        if (!joins(plan, &offer->sections[i])) plan->choices[i].taken = false;
    if (!plan->transport) return;
    const struct sdp_section *source = sdp_transport_source(offer, plan->transport);
    plan->setup = choose_setup(source->setup, local->setup);
}

/* RFC 9143 §7.3: only what was offered in the group, the one with the transport first. */
static void write_group(struct writer *w, const struct plan *plan)
{
    const struct sdp_group *group = sdp_bundle(plan->offer);
    if (!group || !plan->transport || !sdp_group_has(group, plan->transport->mid)) return;
    write_text(w, "a=group:BUNDLE ");
    write_bytes(w, plan->transport->mid);
    for (size_t i = 0; i < group->count; i++) {
        const struct sdp_section *section = sdp_find_mid(plan->offer, group->mids[i]);
        if (!section || section == plan->transport ||
            !plan->choices[sdp_section_index(plan->offer, section)].taken)
            continue;
        write_text(w, " ");
        write_bytes(w, section->mid);
    }
    write_text(w, "\r\n");
}

/* RFC 8285 §7: an extension offered one way is answered the other way round. */
static void answer_extensions(struct sdp_draft *draft, const struct sdp_choice *choice)
{
    for (size_t ext = 0; ext < SDP_EXT_COUNT; ext++) {
        draft->ext_id[ext] = choice->ext_id[ext];
        draft->ext_direction[ext] =
            (uint8_t)sdp_direction_reverse((enum sdp_direction)choice->ext_direction[ext]);
    }
}

static void write_taken(struct writer *w, const struct plan *plan, size_t i,
                        const struct sdp_local *local, const struct sdp_wish *wish)
{
    const struct sdp_section *section = &plan->offer->sections[i];
    const struct sdp_choice *choice = &plan->choices[i];
    struct sdp_draft draft = {
        .kind = section->kind,
        .port = 9,
        .carries_transport = section == plan->transport,
        .protocol = section->protocol, /* RFC 8829 §5.1.2: as it was offered */
        .mid = section->mid,
        .setup = plan->setup,
        /* RFC 3264 §6.1: what both want. */
        .direction =
            (enum sdp_direction)(wish->direction & sdp_direction_reverse(section->direction)),
        .codec = (enum sdp_codec_id)choice->codec->id,
        .pt = choice->codec->pt,
        .rtx_pt = choice->rtx ? choice->rtx->pt : SDP_PT_NONE,
        .feedback = choice->feedback,
        .rtcp_rsize = section->rtcp_rsize && local->caps.rtcp_rsize,
        .extmap_allow_mixed = section->extmap_allow_mixed && local->caps.two_byte_extmap,
    };
    answer_extensions(&draft, choice);
    sdp_write_section(w, local, wish, &draft);
}

enum err sdp_answer(struct writer *w, const struct sdp *offer, const struct sdp_local *local,
                    const struct sdp_wish *wishes, size_t count, struct fault *fault)
{
    struct plan plan;
    enum err err = sdp_check(offer, SDP_OFFER, fault);
    if (err != OK) return err;
    make_plan(&plan, offer, local, wishes, count);
    sdp_write_head(w, local);
    write_group(w, &plan);
    for (size_t i = 0; i < offer->section_count; i++) {
        const struct sdp_section *section = &offer->sections[i];
        if (plan.choices[i].taken)
            write_taken(w, &plan, i, local, &wishes[i]);
        else
            sdp_write_rejected(w, section->media, section->protocol, section->formats,
                               section->mid);
    }
    if (w->err != OK)
        *fault = (struct fault){.err = w->err, .layer = "sdp", .rule = "the answer has no room"};
    return w->err;
}
