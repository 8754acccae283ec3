#include "apps/iceservers.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define STUN_PORT 3478 /* RFC 7064 §3.2 */

/* "stun:host", "stun:host:port", "stun:[ipv6]:port": RFC 7064 §3.1. */
static bool parse_stun(const char *url, struct ice_servers *out, char *why, size_t room)
{
    const char *host = url + strlen("stun:"), *end, *port = NULL;
    uint64_t number = STUN_PORT;
    if (*host == '[') {
        end = strchr(++host, ']');
        if (end && end[1] == ':') port = end + 2;
    } else {
        end = strchr(host, ':');
        if (end) port = end + 1;
        if (!end) end = host + strlen(host);
    }
    size_t len = end ? (size_t)(end - host) : 0;
    if (len == 0 || len >= sizeof out->stun[0].host ||
        (port && !bytes_to_u64(bytes_of(port), 65535, &number)) || number == 0) {
        snprintf(why, room, "--ice-servers: \"%s\" is no stun:HOST or stun:HOST:PORT", url);
        return false;
    }
    if (out->stun_count == ICE_SERVERS_MAX) {
        snprintf(why, room, "--ice-servers: at most %d stun: URLs", ICE_SERVERS_MAX);
        return false;
    }
    memcpy(out->stun[out->stun_count].host, host, len);
    out->stun[out->stun_count].host[len] = '\0';
    out->stun[out->stun_count++].port = (uint16_t)number;
    return true;
}

static bool parse_url(const json_t *value, struct ice_servers *out, char *why, size_t room)
{
    const char *url = json_string_value(value);
    if (url && strncmp(url, "stun:", 5) == 0) return parse_stun(url, out, why, room);
    if (url && (strncmp(url, "turn:", 5) == 0 || strncmp(url, "turns:", 6) == 0)) {
        out->turn_count++;
        return true;
    }
    snprintf(why, room, "--ice-servers: \"urls\" are stun:, turn: or turns: URLs, not %s",
             url ? url : "something else");
    return false;
}

static bool parse_server(const json_t *server, struct ice_servers *out, char *why, size_t room)
{
    const json_t *urls = json_object_get(server, "urls");
    if (!json_is_array(urls)) return parse_url(urls, out, why, room);
    for (size_t i = 0; i < json_array_size(urls); i++)
        if (!parse_url(json_array_get(urls, i), out, why, room)) return false;
    return true;
}

static enum err unread(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_out_of_memory: return E_NOMEM;
    case json_error_cannot_open_file: return E_STATE;
    default: return E_MALFORMED;
    }
}

enum err ice_servers_parse(const char *text, struct ice_servers *out, char *why, size_t room)
{
    json_error_t error = {.text = ""};
    *out = (struct ice_servers){.stun_count = 0};
    if (!text) return OK;
    json_t *list =
        text[0] == '@' ? json_load_file(text + 1, 0, &error) : json_loads(text, 0, &error);
    if (!list) {
        snprintf(why, room, "--ice-servers: %s (line %d)", error.text[0] ? error.text : "no memory",
                 error.line);
        return unread(&error);
    }
    bool ok = json_is_array(list);
    if (!ok) snprintf(why, room, "--ice-servers takes an array: [{\"urls\":\"stun:HOST:PORT\"}]");
    for (size_t i = 0; ok && i < json_array_size(list); i++)
        ok = parse_server(json_array_get(list, i), out, why, room);
    json_decref(list);
    return ok ? OK : E_MALFORMED;
}
