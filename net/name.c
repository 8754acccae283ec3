#include "net/name.h"

static struct bytes without_last_dot(struct bytes name)
{
    if (name.len > 0 && name.at[name.len - 1] == '.') name.len--;
    return name;
}

static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool name_valid(struct bytes name)
{
    name = without_last_dot(name);
    if (name.len == 0 || name.len > NAME_MAX_LEN) return false;
    size_t label = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!is_name_char(name.at[i]) || ++label > 63) {
            return false;
        }
    }
    return label > 0;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool name_label_equal(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i])) return false;
    return true;
}

bool name_equal(struct bytes a, struct bytes b)
{
    return name_label_equal(without_last_dot(a), without_last_dot(b));
}

uint32_t name_hash_label(uint32_t hash, struct bytes label)
{
    static const uint32_t prime = 16777619; /* FNV-1a */
    for (size_t i = 0; i < label.len; i++) hash = (hash ^ lower(label.at[i])) * prime;
    return (hash ^ '.') * prime;
}

uint32_t name_hash(struct bytes name)
{
    uint32_t hash = NAME_HASH_START;
    name = without_last_dot(name);
    while (name.len > 0) {
        size_t len = 0;
        while (len < name.len && name.at[len] != '.') len++;
        hash = name_hash_label(hash, bytes_slice(name, 0, len));
        name = bytes_slice(name, len + 1, name.len);
    }
    return hash;
}

/* Is `name` the label `top`, or does it end in it? */
static bool is_under(struct bytes name, const char *top)
{
    name = without_last_dot(name);
    size_t len = bytes_of(top).len;
    if (name.len < len || !bytes_is_nocase(bytes_slice(name, name.len - len, len), top))
        return false;
    return name.len == len || name.at[name.len - len - 1] == '.';
}

bool name_is_local(struct bytes name)
{
    return is_under(name, "local");
}

bool name_is_localhost(struct bytes name)
{
    return is_under(name, "localhost");
}
