/* Any bytes as VP8 frames, each after a 16 bit length: the decoder takes or refuses each, asks for
 * a key frame after a refusal, and decodes none before one. */
#include "fuzz/fuzz.h"
#include "media/vp8dec.h"

/* Larger pictures only cost time here. */
#define PIXELS_MAX (320 * 240)

static void decode(struct vp8dec *dec, struct bytes frame)
{
    struct vp8dec_header h;
    enum err parsed = vp8dec_header_parse(&h, frame, NULL);
    if (h.width * h.height > PIXELS_MAX) return;
    bool needed_key = vp8dec_needs_key(dec);
    const struct picture *shown;
    enum err err = vp8dec_decode(dec, frame, &shown);
    FUZZ_CHECK(err == vp8dec_fault(dec)->err);
    FUZZ_CHECK(vp8dec_needs_key(dec) == (err != OK));
    if (parsed != OK) FUZZ_CHECK(err == parsed);
    if (err != OK) FUZZ_CHECK(!shown);
    if (err == OK && needed_key) FUZZ_CHECK(h.key);
    if (!shown) return;
    /* Each corner of each plane is there to be read. */
    for (int i = 0; i < PLANES; i++) {
        int w = picture_plane_width(shown, i), last = picture_plane_height(shown, i) - 1;
        volatile uint8_t corners = shown->plane[i][0];
        corners = corners + shown->plane[i][(ptrdiff_t)last * shown->stride[i] + w - 1];
    }
    if (h.key) FUZZ_CHECK(shown->width == h.width && shown->height == h.height);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct vp8dec *dec = vp8dec_new();
    if (!dec) return 0;
    struct reader r = reader_of((struct bytes){data, n});
    while (reader_left(&r)) {
        size_t len = read_u16(&r);
        decode(dec, read_bytes(&r, len < reader_left(&r) ? len : reader_left(&r)));
    }
    vp8dec_free(dec);
    return 0;
}
