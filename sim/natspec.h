/* A NAT's behaviour in one word of text: what `nat-a=` takes in `duet sim`.
 *
 *     spec     = preset *(":" option)
 *     preset   = "none"              everything passes, nothing is translated
 *              / "full-cone"         mapping and filter endpoint-independent   (RFC 3489's names
 *              / "restricted"        filter address-dependent                   for the four kinds,
 *              / "port-restricted"   filter address- and port-dependent         RFC 4787 §3)
 *              / "symmetric"         both address- and port-dependent, ports at random
 *              / "firewall"          filter address- and port-dependent, nothing translated
 *              / "blocked"           no UDP passes
 *     option   = "mapping="   behaviour / "filtering=" behaviour
 *              / "hairpin" / "blocked"
 *              / "ports="     ("preserved" / "sequential" / "random")
 *              / "refresh="   ("outbound" / "inbound" / "both" / "never")
 *              / "expiry="    number ("us" / "ms" / "s" / "min")     at most a day, above 0
 *              / "port-count=" number         1 to SIM_NAT_PORT_COUNT
 *              / "mapping-count=" number      1 to SIM_NAT_MAPPINGS_MAX
 *     behaviour = "none" / "endpoint" / "address" / "port"
 *
 * "symmetric:hairpin:expiry=30s". An option changes what the preset and the options before it
 * say. */
#ifndef DUET_SIM_NATSPEC_H
#define DUET_SIM_NATSPEC_H

#include "sim/nat.h"

#define SIM_NAT_SPEC_MAX 192 /* enough for any that sim_nat_spec_write writes, and a NUL */

/* Sets all of the behaviour; leaves `outside`, `outside_count` and `rng` alone. E_MALFORMED:
 * `fault` says where and what would be right, and `cfg` is as it was. */
enum err sim_nat_spec_parse(struct sim_nat_config *cfg, struct bytes text, struct fault *fault);

/* The behaviour as text that is parsed to the same again: the nearest preset, and what differs. */
void sim_nat_spec_write(struct writer *w, const struct sim_nat_config *cfg);

#endif
