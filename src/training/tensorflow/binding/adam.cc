// Adam on the arrays of the session, in the words of src/training/network/adam.ts, by several threads: what it waits for is memory.
#include "adam.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <thread>
#include <vector>

/** Fewer elements are not worth a thread. */
static constexpr size_t SHARE = 1 << 16;

__attribute__((target_clones("avx2", "default"))) static void update(float *weights, float *first, float *second,
                                                                     const float *gradient, size_t count,
                                                                     const AdamStep &step) {
  const float beta1 = step.beta1, beta2 = step.beta2, new1 = 1 - step.beta1, new2 = 1 - step.beta2;
  const float size = step.step_size, inverse = step.inverse_correction, epsilon = step.epsilon;
  const float scale = step.gradient_scale, keep = step.keep;
  for (size_t at = 0; at < count; at++) {
    const float g = gradient[at] * scale;
    const float m = beta1 * first[at] + new1 * g;
    const float v = beta2 * second[at] + new2 * g * g;
    first[at] = m;
    second[at] = v;
    weights[at] = weights[at] * keep - size * m / (std::sqrt(v) * inverse + epsilon);
  }
}

void apply_adam(float *weights, float *first, float *second, const float *gradient, size_t count, const AdamStep &step,
                size_t threads) {
  const size_t parts = std::min(threads, count / SHARE + 1);
  const size_t share = (count + parts - 1) / parts;
  const auto run = [&](size_t part) {
    const size_t start = std::min(part * share, count), end = std::min(start + share, count);
    update(weights + start, first + start, second + start, gradient + start, end - start, step);
  };
  std::vector<std::thread> others;
  size_t started = 1;
  try {
    for (; started < parts; started++) others.emplace_back(run, started);
  } catch (const std::system_error &) {
    // No more threads are to be had: this one does the rest.
  }
  for (size_t part = started; part < parts; part++) run(part);
  run(0);
  for (auto &other : others) other.join();
}
