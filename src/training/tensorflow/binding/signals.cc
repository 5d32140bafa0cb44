// Part of the binding: takes signals off the thread that loads it, and off those that libtensorflow starts from there.
//
// The matrix multiplication that oneDNN 3 generates for AVX and AVX2 uses stack below the pointer, past the 128 bytes that a signal
// handler has to leave alone: a handler that runs in the middle of it corrupts the heap. Of signals a millisecond, one in some
// hundreds ended the process. Handlers of a process, such as libuv's, may as well run on any other of its threads.
#include <pthread.h>
#include <signal.h>

#include <initializer_list>

__attribute__((constructor)) static void leave_signals_to_other_threads() {
  sigset_t signals;
  sigfillset(&signals);
  // What a thread does to itself.
  for (int own : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) sigdelset(&signals, own);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}
