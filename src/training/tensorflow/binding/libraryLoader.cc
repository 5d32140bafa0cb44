// Loads libtensorflow as this process needs it, before the binding that uses it.
#include "libraryLoader.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

// As they are called in every glibc, not by the version that the newest gives them: a package made here loads on older systems.
__asm__(".symver dlopen,dlopen@GLIBC_2.2.5");
__asm__(".symver dlerror,dlerror@GLIBC_2.2.5");
__asm__(".symver pthread_sigmask,pthread_sigmask@GLIBC_2.2.5");

// Takes signals off this thread, and off those that libtensorflow starts from it.
//
// The matrix multiplication that oneDNN 3 generates for AVX and AVX2 uses stack below the pointer, past the 128 bytes that a signal
// handler has to leave alone: a handler that runs in the middle of it corrupts the heap. Of signals a millisecond, one in some
// hundreds ended the process. Handlers of a process, such as libuv's, may as well run on any other of its threads.
static void leave_signals_to_other_threads() {
  sigset_t signals;
  sigfillset(&signals);
  // What a thread does to itself.
  for (int own : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) sigdelset(&signals, own);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// As it is loaded, the library tells on stderr of choices that are ours, whatever its log level.
static void *load_quietly(const char *path) {
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  const bool quiet = null >= 0 && kept >= 0 && dup2(null, STDERR_FILENO) >= 0;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (quiet) dup2(kept, STDERR_FILENO);
  if (null >= 0) close(null);
  if (kept >= 0) close(kept);
  return library;
}

const char *load_library(const char *path) {
  leave_signals_to_other_threads();
  return load_quietly(path) == nullptr ? dlerror() : nullptr;
}
