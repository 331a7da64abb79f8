// What the machine can do at most: fused products and sums, and bytes read and written.
#include <chrono>
#include <cstdint>
#include <vector>
#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef __AVX512F__
#define BYTES 64
#elif defined(__AVX2__)
#define BYTES 32
#else
#define BYTES 16
#endif
typedef double Vector __attribute__((vector_size(BYTES)));

static double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

extern "C" void threads(int count) {
#ifdef _OPENMP
  omp_set_num_threads(count);
#endif
}

// operations per second of all threads together
extern "C" double peak() {
  const int chains = 12;
  const int64_t n = 400000;
  int team = 1;
  double t = now();
#pragma omp parallel
  {
#ifdef _OPENMP
#pragma omp single
    team = omp_get_num_threads();
#endif
    Vector a[chains], b = Vector{} + 0.999999, c = Vector{} + 1e-6;
    for (int k = 0; k < chains; k++) a[k] = Vector{} + 1.0 + k;
    for (int64_t i = 0; i < n; i++) {
      for (int k = 0; k < chains; k++) a[k] = a[k] * b + c;
      asm volatile("");
    }
    for (int k = 0; k < chains; k++) asm volatile("" : : "x"(a[k]));
  }
  return team * double(n) * chains * 2 * (BYTES / 8) / (now() - t);
}

// bytes per second of a = b + s c over `items` doubles each
extern "C" double bandwidth(int64_t items) {
  std::vector<double> a(items, 0.0), b(items, 1.0), c(items, 2.0);
  const int repeats = int(60000000 / items) + 1;
  double t = now();
  for (int r = 0; r < repeats; r++) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < items; i++) a[i] = b[i] + 1.0001 * c[i];
    asm volatile("" : : "r"(a.data()) : "memory");
  }
  return repeats * 24.0 * double(items) / (now() - t);
}
