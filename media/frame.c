#include "media/frame.h"

#include <stdlib.h>
#include <string.h>

/* RFC 6386 2: each chroma plane has half the luma's width and height, rounded up. */
static int half(int side)
{
    return (side + 1) / 2;
}

int picture_plane_width(const struct picture *p, enum picture_plane plane)
{
    return plane == PLANE_Y ? p->width : half(p->width);
}

int picture_plane_height(const struct picture *p, enum picture_plane plane)
{
    return plane == PLANE_Y ? p->height : half(p->height);
}

enum err picture_resize(struct picture *p, int width, int height)
{
    if (width < 1 || height < 1 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX)
        return E_UNSUPPORTED;
    size_t luma = (size_t)width * (size_t)height;
    size_t chroma = (size_t)half(width) * (size_t)half(height);
    size_t room = luma + 2 * chroma;
    if (room > p->room) {
        uint8_t *pixels = malloc(room);
        if (!pixels) return E_NOMEM;
        free(p->pixels);
        p->pixels = pixels;
        p->room = room;
    }
    p->width = width;
    p->height = height;
    p->plane[PLANE_Y] = p->pixels;
    p->plane[PLANE_U] = p->pixels + luma;
    p->plane[PLANE_V] = p->pixels + luma + chroma;
    p->stride[PLANE_Y] = width;
    p->stride[PLANE_U] = p->stride[PLANE_V] = half(width);
    return OK;
}

void picture_free(struct picture *p)
{
    free(p->pixels);
    *p = (struct picture){0};
}

uint8_t *picture_row(struct picture *p, enum picture_plane plane, int y)
{
    return p->pixels + (p->plane[plane] - p->pixels) + (ptrdiff_t)y * p->stride[plane];
}

enum err picture_copy(struct picture *to, const struct picture *from)
{
    enum err err = picture_resize(to, from->width, from->height);
    if (err != OK) return err;
    for (int plane = 0; plane < PLANES; plane++) {
        size_t width = (size_t)picture_plane_width(from, plane);
        for (int y = 0; y < picture_plane_height(from, plane); y++)
            memcpy(picture_row(to, plane, y),
                   from->plane[plane] + (ptrdiff_t)y * from->stride[plane], width);
    }
    return OK;
}
