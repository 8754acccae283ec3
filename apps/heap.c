#include "apps/heap.h"

#include <malloc.h>

/* The address sanitizer has a heap of its own, which mallinfo2 knows nothing of. */
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_OF_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_OF_SANITIZER 1
#endif
#endif

#if defined(HEAP_OF_SANITIZER)
/* Of sanitizer/allocator_interface.h, which gcc's packages leave out. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

size_t heap_in_use(void)
{
#if defined(HEAP_OF_SANITIZER)
    return __sanitizer_get_current_allocated_bytes();
#elif defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}
