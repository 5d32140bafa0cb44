#pragma once

/** Loads the library, and takes signals off the calling thread. Returns what went wrong, or nullptr. */
const char *load_library(const char *path);
