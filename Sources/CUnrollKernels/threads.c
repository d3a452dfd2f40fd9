#include "UnrollThreads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

enum {
  MOST_PARTS = 0xffff,
  MOST_WORKERS = 1023,
  // How often a thread looks before it sleeps: a fifth of a millisecond, about.
  LOOKS = 5000,
};

// One call. `claims` is its number (32 bits), how many parts it has (16), and which of them is the next
// to begin (16): all in one word, so that a thread that comes late can take no part of another call.
static struct {
  pthread_mutex_t busy;  // held by the caller, from the beginning to the end of a call
  void (*body)(size_t, void *);
  void *context;
  _Atomic(uint64_t) claims;
  _Atomic(uint32_t) left;  // parts not yet done

  pthread_mutex_t lock;  // of the sleepers
  pthread_cond_t called, done;
  _Atomic(uint32_t) sleepers;
  _Atomic(bool) caller_sleeps;
  size_t workers;
} pool = {
  .busy = PTHREAD_MUTEX_INITIALIZER,
  .lock = PTHREAD_MUTEX_INITIALIZER,
  .called = PTHREAD_COND_INITIALIZER,
  .done = PTHREAD_COND_INITIALIZER,
};

static void look_away(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

static uint32_t call_of(uint64_t claims) { return (uint32_t)(claims >> 32); }
static uint32_t parts_of(uint64_t claims) { return claims >> 16 & 0xffff; }
static uint32_t next_of(uint64_t claims) { return claims & 0xffff; }

// Does parts of a call until none is left to begin.
static void work(uint32_t call) {
  uint64_t claims = atomic_load_explicit(&pool.claims, memory_order_acquire);
  while (call_of(claims) == call && next_of(claims) < parts_of(claims)) {
    const uint32_t part = next_of(claims);
    if (!atomic_compare_exchange_weak_explicit(&pool.claims, &claims, claims + 1,
                                               memory_order_acq_rel, memory_order_acquire)) {
      continue;
    }
    pool.body(part, pool.context);
    if (atomic_fetch_sub_explicit(&pool.left, 1, memory_order_seq_cst) == 1 &&
        atomic_load_explicit(&pool.caller_sleeps, memory_order_seq_cst)) {
      pthread_mutex_lock(&pool.lock);
      pthread_cond_signal(&pool.done);
      pthread_mutex_unlock(&pool.lock);
    }
    claims = atomic_load_explicit(&pool.claims, memory_order_acquire);
  }
}

// Looking is for threads that have a processor each.
static int looks(size_t threads) {
  static _Atomic(long) processors;
  long count = atomic_load_explicit(&processors, memory_order_relaxed);
  if (count == 0) {
    count = sysconf(_SC_NPROCESSORS_ONLN);
    atomic_store_explicit(&processors, count, memory_order_relaxed);
  }
  return (long)threads <= count ? LOOKS : 0;
}

static uint32_t current_call(void) {
  return call_of(atomic_load_explicit(&pool.claims, memory_order_seq_cst));
}

static void *wait_for_calls(void *unused) {
  (void)unused;
  uint32_t done = 0;
  while (true) {
    const int most = looks(parts_of(atomic_load_explicit(&pool.claims, memory_order_relaxed)));
    for (int i = 0; i < most && current_call() == done; i++) look_away();
    if (current_call() == done) {
      pthread_mutex_lock(&pool.lock);
      atomic_fetch_add_explicit(&pool.sleepers, 1, memory_order_seq_cst);
      while (current_call() == done) pthread_cond_wait(&pool.called, &pool.lock);
      atomic_fetch_sub_explicit(&pool.sleepers, 1, memory_order_seq_cst);
      pthread_mutex_unlock(&pool.lock);
    }
    done = current_call();
    work(done);
  }
  return NULL;
}

// As many threads as parts want, this one included; fewer where the system gives no more.
static void hire(size_t parts) {
  while (pool.workers + 1 < parts && pool.workers < MOST_WORKERS) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_calls, NULL) != 0) return;
    pthread_detach(thread);
    pool.workers++;
  }
}

bool unroll_parallel(size_t parts, void (*body)(size_t part, void *context), void *context) {
  if (parts > MOST_PARTS || pthread_mutex_trylock(&pool.busy) != 0) return false;
  hire(parts);
  pool.body = body;
  pool.context = context;
  atomic_store_explicit(&pool.left, (uint32_t)parts, memory_order_relaxed);
  const uint32_t call = current_call() + 1;
  atomic_store_explicit(&pool.claims, (uint64_t)call << 32 | parts << 16, memory_order_seq_cst);
  if (atomic_load_explicit(&pool.sleepers, memory_order_seq_cst) > 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.called);
    pthread_mutex_unlock(&pool.lock);
  }
  work(call);
  for (int i = looks(parts); i > 0; i--) {
    if (atomic_load_explicit(&pool.left, memory_order_acquire) == 0) break;
    look_away();
  }
  if (atomic_load_explicit(&pool.left, memory_order_acquire) > 0) {
    pthread_mutex_lock(&pool.lock);
    atomic_store_explicit(&pool.caller_sleeps, true, memory_order_seq_cst);
    while (atomic_load_explicit(&pool.left, memory_order_seq_cst) > 0) {
      pthread_cond_wait(&pool.done, &pool.lock);
    }
    atomic_store_explicit(&pool.caller_sleeps, false, memory_order_relaxed);
    pthread_mutex_unlock(&pool.lock);
  }
  pthread_mutex_unlock(&pool.busy);
  return true;
}
