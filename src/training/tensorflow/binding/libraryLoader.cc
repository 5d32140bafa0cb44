// A Node-API addon with one function, load(path): loads libtensorflow as this process needs it, before the binding that uses it.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

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

static napi_value load(napi_env env, napi_callback_info info) {
  char path[4096];
  size_t count = 1, length = 0;
  napi_value argument;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count < 1 ||
      napi_get_value_string_utf8(env, argument, path, sizeof path, &length) != napi_ok ||
      length + 1 >= sizeof path) {
    napi_throw_type_error(env, nullptr, "load takes the path of the library");
    return nullptr;
  }
  leave_signals_to_other_threads();
  if (load_quietly(path) == nullptr) napi_throw_error(env, nullptr, dlerror());
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "load", NAPI_AUTO_LENGTH, load, nullptr, &function) != napi_ok ||
      napi_set_named_property(env, exports, "load", function) != napi_ok) {
    return nullptr;
  }
  return exports;
}
