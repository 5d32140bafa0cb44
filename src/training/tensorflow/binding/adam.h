#pragma once
#include <cstddef>

/** The coefficients of a step; see AdamStep in src/training/network/adam.ts. */
struct AdamStep {
  double beta1, beta2, epsilon, step_size, inverse_correction, gradient_scale;
  /** What weight decay leaves of a weight. */
  double keep;
};

/** Updates `count` elements in place. */
void apply_adam(float *weights, float *first, float *second, const float *gradient, size_t count, const AdamStep &step,
                size_t threads);
