#include "signaling/relay.h"

#include "signaling/internal.h"

static enum err refuse(struct sig_relay *r, enum err err, enum sig_refusal refusal,
                       const char *rule)
{
    sig_relay_free(r);
    r->fault = (struct fault){err, "signaling", 0, rule};
    r->refusal = refusal;
    return err;
}

enum err sig_relay_parse(struct sig_relay *r, struct bytes text)
{
    json_t *tree;
    bool known = false;
    *r = (struct sig_relay){0};
    r->refusal = sig_json_read(text, SIG_MESSAGE_MAX, &tree, &r->fault);
    if (r->refusal != SIG_REFUSED_NOT) return r->fault.err;
    r->tree = tree;
    if (!sig_json_type(tree, &r->type, &known))
        return refuse(r, E_MALFORMED, SIG_BAD_MESSAGE, "no string `type` (signaling.md)");
    if (!known || r->type < SIG_OFFER)
        return refuse(r, E_UNSUPPORTED, SIG_UNKNOWN_TYPE, "no type for a client (signaling.md)");
    r->to = sig_json_text(tree, "to");
    if (!r->to.at) return refuse(r, E_MALFORMED, SIG_BAD_MESSAGE, "no string `to` (signaling.md)");
    return OK;
}

enum err sig_relay_write(struct sig_relay *r, const struct sig_id *from, struct writer *w)
{
    if (json_object_set_new(r->tree, "from", json_string(from->text)) != 0) return E_NOMEM;
    return sig_json_write(r->tree, SIG_RELAYED_MAX, w);
}

void sig_relay_free(struct sig_relay *r)
{
    json_decref(r->tree);
    r->tree = NULL;
    r->to = (struct bytes){NULL, 0};
}
