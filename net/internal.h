/* What the files of net/ share: sockets, addresses in the kernel's form, TLS under a stream. */
#ifndef DUET_NET_INTERNAL_H
#define DUET_NET_INTERNAL_H

#include "net/interfaces.h"
#include "net/names.h"
#include "net/resolve.h"
#include "net/stream.h"
#include "net/syserr.h"
#include "net/udp.h"

#include <sys/socket.h>

/* The kernel's form of `a`, whole and in network order; its length, 0 for ADDR_NONE. */
socklen_t sockaddr_of(const struct addr *a, struct sockaddr_storage *to);
struct addr addr_of_sockaddr(const struct sockaddr_storage *from);
/* The one place where a sockaddr_storage is looked at as a sockaddr, as POSIX intends. */
const struct sockaddr *sockaddr_view(const struct sockaddr_storage *s);

/* A new non-blocking, close-on-exec socket of `at`'s family; IPv6 only on IPv6. */
enum err socket_new(int type, const struct addr *at, int *fd, struct fault *fault);
/* The same, bound to `at`; `bound` is what it got. TCP sockets get SO_REUSEADDR. */
enum err socket_bound(int type, const struct addr *at, int *fd, struct addr *bound,
                      struct fault *fault);
/* What the socket is bound to, or its peer; ADDR_NONE if the kernel won't say. */
struct addr socket_local(int fd);
struct addr socket_remote(int fd);

/* Which of the machine's addresses interfaces_list gives, and in which order: its rules, without
 * the system. */
size_t interfaces_choose(const struct interface *all, size_t count, struct interface *out,
                         size_t max);

/* names_new with a configuration of its own instead of /etc. */
struct names *names_new_from(struct loop *loop, uint64_t loop_token,
                             const struct resolve_config *cfg);

/* udp_receive with what the kernel tells besides, by the socket's options: `control` has room for
 * `*len` bytes of control messages (cmsg(3)), and `*len` is what came. */
bool udp_receive_told(struct udp *udp, struct packet *out, void *control, size_t *len);

/* The TLS half of net/stream, on a stream with s->tls; tls_drop also without. */
void tls_handshake(struct stream *s);
size_t tls_read(struct stream *s, void *to, size_t room);
size_t tls_write(struct stream *s, struct bytes data);
void tls_finish(struct stream *s);
void tls_drop(struct stream *s);

#endif
