/* The Opus payload told aloud: RFC 6716 §3.1 (rtp/explain.h). */
#include "base/explain.h"
#include "rtp/explain.h"
#include "rtp/internal.h"
#include "rtp/opus.h"

/* RFC 6716 §3.1, table 2. */
static const char *mode_of(uint8_t config)
{
    if (config < 12) return "SILK";
    return config < 16 ? "hybrid" : "CELT";
}

static const char *bandwidth_of(uint8_t config)
{
    static const char *const silk[] = {"NB", "MB", "WB"};
    static const char *const celt[] = {"NB", "WB", "SWB", "FB"};
    if (config < 12) return silk[config / 4];
    if (config < 16) return config < 14 ? "SWB" : "FB";
    return celt[config / 4 - 4];
}

/* §2.1.3, table 1. */
static unsigned hertz_of(const char *bandwidth)
{
    static const struct {
        const char *name;
        unsigned hertz;
    } names[] = {{"NB", 4000}, {"MB", 6000}, {"WB", 8000}, {"SWB", 12000}};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].name, bandwidth) == 0) return names[i].hertz;
    return 20000;
}

static unsigned us_of(unsigned samples)
{
    return samples * 1000u / (OPUS_CLOCK / 1000u);
}

static void tell(struct explain *x, struct bytes in, const struct opus_info *info)
{
    static const char *const codes[] = {"one frame", "two frames of one length",
                                        "two frames, the first one's length told",
                                        "any number of frames, counted"};
    const char *bandwidth = bandwidth_of(info->config);
    uint8_t code = in.at[0] & 3;
    explain_field(x, "TOC", bytes_slice(in, 0, 1), "RFC 6716 3.1", "config %u, %s, code %u",
                  info->config, info->stereo ? "stereo" : "mono", code);
    explain_meaning(x, "%s, %s: sound up to %u Hz, frames of %u.%u ms", mode_of(info->config),
                    bandwidth, hertz_of(bandwidth), us_of(info->frame_samples) / 1000,
                    us_of(info->frame_samples) / 100 % 10);
    explain_meaning(x, "%s", codes[code]);
    explain_field(x, "frames", bytes_slice(in, 1, in.len), "RFC 6716 3.2", "%u, %u samples",
                  info->frames, info->samples);
    explain_meaning(x, "%u.%u ms of sound at 48 kHz", us_of(info->samples) / 1000,
                    us_of(info->samples) / 100 % 10);
    if (in.len == 1) explain_meaning(x, "nothing but the TOC: silence that was not sent (DTX)");
}

static void summarize(struct explain *x, const struct opus_info *info)
{
    explain_summary(x, "%s %s, %s, %u frame%s, %u.%u ms", mode_of(info->config),
                    bandwidth_of(info->config), info->stereo ? "stereo" : "mono", info->frames,
                    info->frames == 1 ? "" : "s", us_of(info->samples) / 1000,
                    us_of(info->samples) / 100 % 10);
}

void opus_explain_payload(struct explain *x, struct bytes payload)
{
    struct opus_info info;
    if (opus_parse(&info, payload) == OK) {
        tell(x, payload, &info);
        explain_phrase(x, "; ");
        summarize(x, &info);
        return;
    }
    explain_field(x, "Opus packet", payload, "RFC 6716 3.4", "%s", err_name(info.fault.err));
    explain_broken(x, "%s", info.fault.rule);
}

void opus_explain(struct explain *x, struct bytes message)
{
    struct opus_info info;
    if (opus_parse(&info, message) != OK) {
        rtp_explain_fault(x, message, &info.fault);
        return;
    }
    tell(x, message, &info);
    explain_number(x, "config", info.config);
    explain_text(x, "mode", bytes_of(mode_of(info.config)));
    explain_text(x, "bandwidth", bytes_of(bandwidth_of(info.config)));
    explain_number(x, "frameUs", us_of(info.frame_samples));
    explain_bool(x, "stereo", info.stereo);
    explain_number(x, "code", message.at[0] & 3);
    explain_number(x, "frames", info.frames);
    explain_number(x, "samples", info.samples);
    explain_number(x, "durationUs", us_of(info.samples));
    explain_summary(x, "Opus ");
    summarize(x, &info);
    explain_summary(x, ", %zu bytes", message.len);
}
