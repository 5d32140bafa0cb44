// The Node-API addon of the engine tensorflow: load(path), and applyAdam(weights, first, second, gradient, step).
#include <node_api.h>

#include "adam.h"
#include "libraryLoader.h"

static napi_value wrong(napi_env env, const char *what) {
  napi_throw_type_error(env, nullptr, what);
  return nullptr;
}

static napi_value load(napi_env env, napi_callback_info info) {
  char path[4096];
  size_t count = 1, length = 0;
  napi_value argument;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count < 1 ||
      napi_get_value_string_utf8(env, argument, path, sizeof path, &length) != napi_ok || length + 1 >= sizeof path) {
    return wrong(env, "load takes the path of the library");
  }
  if (const char *error = load_library(path)) napi_throw_error(env, nullptr, error);
  return nullptr;
}

/** The elements of a typed array of a type; nullptr where it is none. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *length) {
  napi_typedarray_type type;
  void *data = nullptr;
  bool is_array = false;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return nullptr;
  if (napi_get_typedarray_info(env, value, &type, length, &data, nullptr, nullptr) != napi_ok) return nullptr;
  return type == wanted ? data : nullptr;
}

static napi_value apply(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok || count < 5) {
    return wrong(env, "applyAdam takes four arrays of one length, and the step");
  }
  float *arrays[4];
  size_t length = 0;
  for (int at = 0; at < 4; at++) {
    size_t own = 0;
    arrays[at] = static_cast<float *>(elements(env, arguments[at], napi_float32_array, &own));
    if (arrays[at] == nullptr || (at > 0 && own != length)) return wrong(env, "applyAdam takes arrays of one length");
    length = own;
  }
  size_t coefficients = 0;
  const auto *c = static_cast<double *>(elements(env, arguments[4], napi_float64_array, &coefficients));
  if (c == nullptr || coefficients != 8) return wrong(env, "a step has seven coefficients, and the number of threads");
  const AdamStep step = {c[0], c[1], c[2], c[3], c[4], c[5], c[6]};
  apply_adam(arrays[0], arrays[1], arrays[2], arrays[3], length, step, c[7] < 1 ? 1 : static_cast<size_t>(c[7]));
  return nullptr;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"load", nullptr, load, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"applyAdam", nullptr, apply, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  return napi_define_properties(env, exports, 2, properties) == napi_ok ? exports : nullptr;
}
