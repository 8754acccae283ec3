/* The two files by which a system configures names, as pure functions over their text. */
#ifndef DUET_NET_ETC_H
#define DUET_NET_ETC_H

#include "net/name.h"

/* resolv.conf(5): the `nameserver` lines in order, port 53, "%zone" understood when it is a
 * number; at most `max`. Returns how many. */
size_t etc_nameservers(struct bytes resolv_conf, struct addr *servers, size_t max);
/* hosts(5): the addresses of `name`, or of an alias, in order, port 0; at most `max`. Returns how
 * many. */
size_t etc_hosts_find(struct bytes hosts, struct bytes name, struct addr *addrs, size_t max);

#endif
