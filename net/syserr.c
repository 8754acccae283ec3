#include "net/syserr.h"

#include <errno.h>

const char *syserr_text(int errnum)
{
    switch (errnum) {
    case EACCES: return "permission denied";
    case EPERM: return "the system does not permit it";
    case EADDRINUSE: return "address already in use";
    case EADDRNOTAVAIL: return "no interface of this machine has that address";
    case EAFNOSUPPORT: return "this system lacks that address family";
    case ECONNABORTED: return "connection aborted";
    case ECONNREFUSED: return "connection refused";
    case ECONNRESET: return "connection reset by the peer";
    case EPIPE: return "the peer has closed the connection";
    case EHOSTUNREACH: return "no route to host";
    case ENETUNREACH: return "network unreachable";
    case ENETDOWN: return "network is down";
    case ETIMEDOUT: return "connection timed out";
    case EMSGSIZE: return "datagram too long for the path";
    case EINVAL: return "not a usable address or argument";
    case EBADF: return "not an open descriptor";
    case EMFILE: return "too many open files in this process (ulimit -n)";
    case ENFILE: return "too many open files in the system";
    case ENOBUFS:
    case ENOMEM: return "out of memory";
    case ENOENT: return "no such file";
    default: return "refused by the system";
    }
}

struct fault syserr_fault(const char *layer, int errnum)
{
    enum err err = E_STATE;
    if (errnum == ENOMEM || errnum == ENOBUFS) err = E_NOMEM;
    if (errnum == EMFILE || errnum == ENFILE) err = E_FULL;
    return (struct fault){.err = err, .layer = layer, .rule = syserr_text(errnum)};
}
