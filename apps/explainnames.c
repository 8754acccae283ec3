#include "apps/explainnames.h"

static void add_section(struct explain_names *names, const struct sdp_section *section)
{
    struct rtp_explain_options *o = &names->options;
    for (size_t i = 0; i < section->codec_count && o->payload_count < EXPLAIN_PAYLOADS_MAX; i++) {
        const struct sdp_codec *codec = &section->codecs[i];
        names->payloads[o->payload_count++] =
            (struct rtp_explain_payload){codec->pt, codec->name, codec->clock};
    }
    for (size_t i = 0; i < section->extmap_count && o->ext_count < EXPLAIN_EXTS_MAX; i++) {
        const struct sdp_extmap *extmap = &section->extmaps[i];
        names->exts[o->ext_count++] = (struct rtp_explain_ext){extmap->id, extmap->uri};
    }
}

enum err explain_names_read(struct explain_names *names, struct bytes text)
{
    enum err err = sdp_parse(&names->sdp, text);
    names->options = (struct rtp_explain_options){.exts = names->exts, .payloads = names->payloads};
    if (err != OK) return err;
    for (size_t i = 0; i < names->sdp.section_count; i++)
        add_section(names, &names->sdp.sections[i]);
    return OK;
}

void explain_names_free(struct explain_names *names)
{
    sdp_free(&names->sdp);
}
