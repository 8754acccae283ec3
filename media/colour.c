#include "media/colour.h"

static uint8_t clamp8(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

/* Divides by 65536, to the nearest; v may be negative. */
static int nearest16(int v)
{
    return (v + (v < 0 ? -32768 : 32768)) / 65536;
}

/* The factors are BT.601-7 2.5.1 and 2.5.3, times 65536: Y' = 0.299 R + 0.587 G + 0.114 B over 219
 * steps, the colour differences over 224, of 255 steps of R, G and B. */
struct yuv yuv_of(struct rgb c)
{
    return (struct yuv){
        .y = clamp8(16 + nearest16(16829 * c.r + 33039 * c.g + 6416 * c.b)),
        .u = clamp8(128 + nearest16(-9714 * c.r - 19071 * c.g + 28784 * c.b)),
        .v = clamp8(128 + nearest16(28784 * c.r - 24103 * c.g - 4681 * c.b)),
    };
}

struct rgb rgb_of(struct yuv c)
{
    int y = 76309 * (c.y - 16), u = c.u - 128, v = c.v - 128;
    return (struct rgb){
        .r = clamp8(nearest16(y + 104597 * v)),
        .g = clamp8(nearest16(y - 25675 * u - 53279 * v)),
        .b = clamp8(nearest16(y + 132201 * u)),
    };
}

/* BT.709-6 3: Y' = 0.2126 R + 0.7152 G + 0.0722 B, all over 255 steps. */
struct rgb rgb_of_bt709_full(struct yuv c)
{
    int y = 65536 * c.y, u = c.u - 128, v = c.v - 128;
    return (struct rgb){
        .r = clamp8(nearest16(y + 103206 * v)),
        .g = clamp8(nearest16(y - 12277 * u - 30679 * v)),
        .b = clamp8(nearest16(y + 121609 * u)),
    };
}

/* `a` without what lies outside a plane of this size. */
static struct area cut(struct area a, int width, int height)
{
    if (a.x < 0) a.width += a.x, a.x = 0;
    if (a.y < 0) a.height += a.y, a.y = 0;
    if (a.width > width - a.x) a.width = width - a.x;
    if (a.height > height - a.y) a.height = height - a.y;
    return a;
}

static uint8_t plane_mean(const struct picture *p, enum picture_plane plane, struct area a,
                          uint8_t none)
{
    a = cut(a, picture_plane_width(p, plane), picture_plane_height(p, plane));
    if (a.width <= 0 || a.height <= 0) return none;
    uint64_t sum = 0, count = (uint64_t)a.width * (uint64_t)a.height;
    for (int y = a.y; y < a.y + a.height; y++) {
        const uint8_t *row = p->plane[plane] + (ptrdiff_t)y * p->stride[plane];
        for (int x = a.x; x < a.x + a.width; x++) sum += row[x];
    }
    return (uint8_t)((sum + count / 2) / count);
}

struct yuv picture_mean(const struct picture *p, struct area a)
{
    /* The chroma samples that lie over the area, with one that lies half over it. */
    struct area chroma = {a.x / 2, a.y / 2, (a.x + a.width + 1) / 2 - a.x / 2,
                          (a.y + a.height + 1) / 2 - a.y / 2};
    if (a.width <= 0 || a.height <= 0) chroma = (struct area){0};
    return (struct yuv){
        .y = plane_mean(p, PLANE_Y, a, 16),
        .u = plane_mean(p, PLANE_U, chroma, 128),
        .v = plane_mean(p, PLANE_V, chroma, 128),
    };
}
