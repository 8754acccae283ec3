#include "peer/jsep.h"

#include "sdp/answer.h"
#include "sdp/check.h"
#include "sdp/offer.h"
#include "sdp/parse.h"

void jsep_init(struct jsep *jsep, uint64_t session_id)
{
    *jsep = (struct jsep){.session_id = session_id};
}

void jsep_free(struct jsep *jsep)
{
    sdp_free(&jsep->local);
    sdp_free(&jsep->remote);
    sdp_free(&jsep->pending);
    sdp_agreed_free(&jsep->agreed);
    *jsep = (struct jsep){.state = JSEP_CLOSED};
}

const char *jsep_state_name(enum jsep_state state)
{
    switch (state) {
    case JSEP_STABLE: return "stable";
    case JSEP_HAVE_LOCAL_OFFER: return "have-local-offer";
    case JSEP_HAVE_REMOTE_OFFER: return "have-remote-offer";
    case JSEP_CLOSED: return "closed";
    }
    return "unknown";
}

static enum err refuse(struct jsep *jsep, struct fault fault)
{
    jsep->fault = fault;
    return fault.err;
}

static enum err wrong_state(struct jsep *jsep, const char *rule)
{
    return refuse(jsep, (struct fault){.err = E_STATE, .layer = "jsep", .rule = rule});
}

/* What jsep itself knows of our side. */
static void complete(const struct jsep *jsep, struct sdp_local *local)
{
    local->session_id = jsep->session_id;
    local->version = jsep->version;
    local->current_local = jsep->in_force ? &jsep->local : NULL;
    local->current_remote = jsep->in_force ? &jsep->remote : NULL;
    local->numbers = &jsep->numbers;
}

/* The exchange is complete: both descriptions come into force, what was before is freed. */
static void put_in_force(struct jsep *jsep, const struct sdp *local, const struct sdp *remote,
                         const struct sdp_agreed *agreed, bool we_offered)
{
    if (jsep->in_force) {
        sdp_free(&jsep->local);
        sdp_free(&jsep->remote);
        sdp_agreed_free(&jsep->agreed);
    }
    jsep->local = *local;
    jsep->remote = *remote;
    jsep->agreed = *agreed;
    sdp_numbers_learn(&jsep->numbers, local, remote);
    jsep->pending = (struct sdp){0};
    jsep->in_force = true;
    jsep->we_offered = we_offered;
    jsep->state = JSEP_STABLE;
    jsep->fault = (struct fault){0};
}

enum err jsep_offer(struct jsep *jsep, struct writer *w, struct sdp_local local,
                    const struct sdp_wish *wishes, size_t count)
{
    if (jsep->state != JSEP_STABLE)
        return wrong_state(jsep, "an offer is pending (RFC 8829 4.1.8)");
    complete(jsep, &local);
    enum err err = sdp_offer(w, &local, wishes, count);
    if (err != OK)
        return refuse(
            jsep,
            (struct fault){.err = err, .layer = "jsep", .rule = "our offer could not be written"});
    struct sdp offer;
    err = sdp_parse(&offer, writer_done(w));
    if (err != OK) return refuse(jsep, offer.fault);
    jsep->pending = offer;
    jsep->version++;
    jsep->state = JSEP_HAVE_LOCAL_OFFER;
    return OK;
}

static enum err misfit(const struct sdp *offer, size_t section, struct fault *fault,
                       const char *rule)
{
    size_t offset = offer->text.len;
    if (section < offer->section_count)
        offset = (size_t)(offer->sections[section].lines.at->text.at - offer->text.at);
    *fault = (struct fault){E_MALFORMED, "sdp", offset, rule};
    return E_MALFORMED;
}

/* Whether an offer goes on with the session: sections are never removed (RFC 3264 §8). RFC 3264
 * §8.3.3 lets their kind change too, but here one that lives stays its track's, which has one kind
 * (RFC 8829 §3.4.1). */
static enum err check_successor(const struct jsep *jsep, const struct sdp *offer,
                                struct fault *fault)
{
    const struct sdp_agreed *agreed = &jsep->agreed;
    if (offer->section_count < agreed->section_count)
        return misfit(offer, offer->section_count, fault,
                      "an offer has fewer sections than before (RFC 3264 8)");
    for (size_t i = 0; i < agreed->section_count; i++)
        if (!agreed->sections[i].rejected && !sdp_is_rejected(&offer->sections[i]) &&
            agreed->sections[i].kind != offer->sections[i].kind)
            return misfit(offer, i, fault, "a section that lives keeps its kind (RFC 8829 3.4.1)");
    return OK;
}

enum err jsep_remote_offer(struct jsep *jsep, struct bytes text)
{
    if (jsep->state != JSEP_STABLE)
        return wrong_state(jsep, "an offer came while another is pending (RFC 8829 4.1.10)");
    struct sdp offer;
    enum err err = sdp_parse(&offer, text);
    if (err != OK) return refuse(jsep, offer.fault);
    struct fault fault = {0};
    err = sdp_check(&offer, SDP_OFFER, &fault);
    if (err == OK) err = check_successor(jsep, &offer, &fault);
    if (err != OK) {
        sdp_free(&offer);
        return refuse(jsep, fault);
    }
    jsep->pending = offer;
    jsep->state = JSEP_HAVE_REMOTE_OFFER;
    return OK;
}

enum err jsep_answer(struct jsep *jsep, struct writer *w, struct sdp_local local,
                     const struct sdp_wish *wishes, size_t count)
{
    if (jsep->state != JSEP_HAVE_REMOTE_OFFER)
        return wrong_state(jsep, "there is no offer to answer (RFC 8829 4.1.9)");
    complete(jsep, &local);
    struct fault fault = {0};
    enum err err = sdp_answer(w, &jsep->pending, &local, wishes, count, &fault);
    if (err != OK) {
        if (fault.err == OK)
            fault = (struct fault){
                .err = err, .layer = "jsep", .rule = "our answer could not be written"};
        return refuse(jsep, fault);
    }
    struct sdp answer;
    err = sdp_parse(&answer, writer_done(w));
    if (err != OK) return refuse(jsep, answer.fault);
    struct sdp_agreed agreed;
    err = sdp_agree(&agreed, &jsep->pending, &answer, false);
    if (err != OK) {
        sdp_free(&answer);
        return refuse(jsep, agreed.fault);
    }
    struct sdp offer = jsep->pending;
    put_in_force(jsep, &answer, &offer, &agreed, false);
    jsep->version++;
    return OK;
}

/* RFC 8829 §5.10: an answer may have new ICE credentials only if the offer had; where the transport
 * has moved to another section there may be other ones. That it must have some then is not asked
 * for: with the old ones a restart works as well. */
static bool restarts_unasked(const struct jsep *jsep, const struct sdp_agreed *agreed)
{
    const struct sdp_agreed_transport *before = &jsep->agreed.transport, *now = &agreed->transport;
    const struct sdp_section *local = sdp_transport_section(&jsep->local);
    const struct sdp_section *offered = sdp_transport_section(&jsep->pending);
    if (!jsep->in_force || !before->used || !now->used || !local || !offered) return false;
    return bytes_equal(before->mid, now->mid) &&
           bytes_equal(local->ice_ufrag, offered->ice_ufrag) &&
           !(bytes_equal(before->ufrag, now->ufrag) && bytes_equal(before->pwd, now->pwd));
}

/* Why an answer is refused that has other credentials. */
static struct fault unasked_restart(const struct sdp *answer)
{
    struct bytes ufrag = sdp_transport_section(answer)->ice_ufrag;
    return (struct fault){.err = E_MALFORMED,
                          .layer = "sdp",
                          .offset = ufrag.at ? (size_t)(ufrag.at - answer->text.at) : 0,
                          .rule = "the answer has other ICE credentials than before, but its offer "
                                  "did not restart (RFC 8829 5.10)"};
}

enum err jsep_remote_answer(struct jsep *jsep, struct bytes text)
{
    if (jsep->state != JSEP_HAVE_LOCAL_OFFER)
        return wrong_state(jsep, "an answer came to no offer (RFC 8829 4.1.10)");
    struct sdp answer;
    enum err err = sdp_parse(&answer, text);
    if (err != OK) return refuse(jsep, answer.fault);
    struct sdp_agreed agreed;
    err = sdp_agree(&agreed, &jsep->pending, &answer, true);
    if (err != OK) {
        sdp_free(&answer);
        return refuse(jsep, agreed.fault);
    }
    if (restarts_unasked(jsep, &agreed)) {
        struct fault fault = unasked_restart(&answer);
        sdp_agreed_free(&agreed);
        sdp_free(&answer);
        return refuse(jsep, fault);
    }
    struct sdp offer = jsep->pending;
    put_in_force(jsep, &offer, &answer, &agreed, true);
    return OK;
}

enum err jsep_rollback(struct jsep *jsep)
{
    if (jsep->state != JSEP_HAVE_LOCAL_OFFER && jsep->state != JSEP_HAVE_REMOTE_OFFER)
        return wrong_state(jsep, "there is no pending offer to roll back (RFC 8829 4.1.10.2)");
    sdp_free(&jsep->pending);
    jsep->pending = (struct sdp){0};
    jsep->state = JSEP_STABLE;
    return OK;
}

void jsep_close(struct jsep *jsep)
{
    if (jsep->state != JSEP_STABLE && jsep->state != JSEP_CLOSED) jsep_rollback(jsep);
    jsep->state = JSEP_CLOSED;
}

bool jsep_restart_offered(const struct jsep *jsep, struct bytes ufrag, struct bytes pwd)
{
    struct sdp_agreed_transport in_force = {.used = ufrag.len > 0,
                                            .mid = jsep->agreed.transport.mid,
                                            .section = jsep->agreed.transport.section,
                                            .ufrag = ufrag,
                                            .pwd = pwd};
    return jsep->state == JSEP_HAVE_REMOTE_OFFER && jsep->in_force &&
           sdp_restarts_ice(&in_force, &jsep->pending);
}
