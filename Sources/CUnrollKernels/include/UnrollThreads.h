// Threads that wait for work together.
#ifndef UNROLL_THREADS_H
#define UNROLL_THREADS_H

#include <stddef.h>

// Calls `body` with 0 ..< parts, several at a time: part 0 here, the others on threads that are made
// once and kept. They wait for the next call with open eyes for a moment before they sleep, since
// waking a thread takes as long as a small product.
//
// Which thread does which part is no promise: one that is free takes what nobody has begun. Returns
// false, and does nothing, while a call of another thread, or the one that this is within, goes on,
// or where there are more than 65535 parts.
_Bool unroll_parallel(size_t parts, void (*body)(size_t part, void *context), void *context);

#endif
