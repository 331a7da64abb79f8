// A number the twin computes with: a double with libm, or R AVX-512 registers of 8 doubles each with
// the polynomials of isosim/law/lane_functions.py.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>
#ifdef __AVX512DQ__
#include <immintrin.h>
#endif

inline double any_exp(double x) { return std::exp(x); }
inline double any_log(double x) { return std::log(x); }
inline double any_log1p(double s) { double w = 1.0 + s; return w == 1.0 ? s : std::log(w) * s / (w - 1.0); }
inline double any_sqrt(double x) { return std::sqrt(x); }
inline double any_abs(double x) { return std::fabs(x); }
inline double select(bool m, double a, double b) { return m ? a : b; }
inline bool any_of(bool m) { return m; }
inline bool no(bool m) { return !m; }

template <class T> struct lanes_of { static const int width = 1; typedef bool mask; };

#ifdef __AVX512DQ__
template <int R> struct Mask { __mmask8 m[R]; };
template <int R> struct Lanes {
  __m512d r[R];
  Lanes() {}
  Lanes(double x) { for (int i = 0; i < R; i++) r[i] = _mm512_set1_pd(x); }
};
template <int R> struct lanes_of<Lanes<R>> { static const int width = 8 * R; typedef Mask<R> mask; };
#define EACH for (int i = 0; i < R; i++)
#define OPERATOR(symbol, name)                                                                             \
  template <int R> inline Lanes<R> operator symbol(const Lanes<R>& a, const Lanes<R>& b) {                 \
    Lanes<R> c; EACH c.r[i] = _mm512_##name##_pd(a.r[i], b.r[i]); return c; }                              \
  template <int R> inline Lanes<R> operator symbol(double a, const Lanes<R>& b) { return Lanes<R>(a) symbol b; } \
  template <int R> inline Lanes<R> operator symbol(const Lanes<R>& a, double b) { return a symbol Lanes<R>(b); }
OPERATOR(+, add) OPERATOR(-, sub) OPERATOR(*, mul) OPERATOR(/, div)
#define COMPARISON(symbol, name)                                                                           \
  template <int R> inline Mask<R> operator symbol(const Lanes<R>& a, const Lanes<R>& b) {                  \
    Mask<R> c; EACH c.m[i] = _mm512_cmp_pd_mask(a.r[i], b.r[i], name); return c; }                         \
  template <int R> inline Mask<R> operator symbol(const Lanes<R>& a, double b) { return a symbol Lanes<R>(b); }
COMPARISON(<, _CMP_LT_OQ) COMPARISON(>, _CMP_GT_OQ) COMPARISON(<=, _CMP_LE_OQ)
template <int R> inline Lanes<R> operator-(const Lanes<R>& a) { return Lanes<R>(-0.0) - a; }
template <int R> inline Mask<R> operator&(const Mask<R>& a, const Mask<R>& b) { Mask<R> c; EACH c.m[i] = a.m[i] & b.m[i]; return c; }
template <int R> inline Mask<R> operator|(const Mask<R>& a, const Mask<R>& b) { Mask<R> c; EACH c.m[i] = a.m[i] | b.m[i]; return c; }
template <int R> inline Mask<R> no(const Mask<R>& a) { Mask<R> c; EACH c.m[i] = (__mmask8)~a.m[i]; return c; }
template <int R> inline bool any_of(const Mask<R>& a) { int m = 0; EACH m |= a.m[i]; return m; }
template <int R> inline Lanes<R> select(const Mask<R>& m, const Lanes<R>& a, const Lanes<R>& b) {
  Lanes<R> c; EACH c.r[i] = _mm512_mask_blend_pd(m.m[i], b.r[i], a.r[i]); return c; }
template <int R> inline Lanes<R> any_sqrt(const Lanes<R>& a) { Lanes<R> c; EACH c.r[i] = _mm512_sqrt_pd(a.r[i]); return c; }
template <int R> inline Lanes<R> any_abs(const Lanes<R>& a) { Lanes<R> c; EACH c.r[i] = _mm512_abs_pd(a.r[i]); return c; }

const double LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;
template <int N> inline __m512d polynomial(__m512d x, const double (&c)[N]) {
  __m512d square = _mm512_mul_pd(x, x), part[2];
  for (int s = 0; s < 2; s++) {
    int last = s + (N - 1 - s) / 2 * 2;
    part[s] = _mm512_set1_pd(c[last]);
    for (int k = last - 2; k >= s; k -= 2) part[s] = _mm512_fmadd_pd(part[s], square, _mm512_set1_pd(c[k]));
  }
  return _mm512_fmadd_pd(part[1], x, part[0]);
}
inline __m512d exp8(__m512d x) {
  static const double c[13] = {1, 1, 1 / 2., 1 / 6., 1 / 24., 1 / 120., 1 / 720., 1 / 5040., 1 / 40320., 1 / 362880.,
                               1 / 3628800., 1 / 39916800., 1 / 479001600.};
  x = _mm512_max_pd(_mm512_set1_pd(-708), _mm512_min_pd(_mm512_set1_pd(709), x));
  const __m512d rounding = _mm512_set1_pd(1.5 * 4503599627370496.0);
  __m512d rounded = _mm512_fmadd_pd(x, _mm512_set1_pd(1.4426950408889634), rounding), n = _mm512_sub_pd(rounded, rounding);
  __m512d r = _mm512_fnmadd_pd(n, _mm512_set1_pd(LN2_HIGH), x);
  r = _mm512_fnmadd_pd(n, _mm512_set1_pd(LN2_LOW), r);
  __m512i power = _mm512_slli_epi64(_mm512_add_epi64(_mm512_castpd_si512(rounded), _mm512_set1_epi64(1023)), 52);
  return _mm512_mul_pd(polynomial(r, c), _mm512_castsi512_pd(power));
}
inline __m512d log8(__m512d x, __m512d rest, bool corrected) {
  static const double c[10] = {2, 2 / 3., 2 / 5., 2 / 7., 2 / 9., 2 / 11., 2 / 13., 2 / 15., 2 / 17., 2 / 19.};
  const int64_t root = 0x3fe6a09e667f3bcdLL, one = 0x3ff0000000000000LL;
  __m512i shifted = _mm512_add_epi64(_mm512_castpd_si512(x), _mm512_set1_epi64(one - root));
  __m512i exponent = _mm512_srli_epi64(shifted, 52);
  __m512d m = _mm512_castsi512_pd(_mm512_add_epi64(_mm512_and_epi64(shifted, _mm512_set1_epi64((1LL << 52) - 1)), _mm512_set1_epi64(root)));
  __m512d n = _mm512_sub_pd(_mm512_castsi512_pd(_mm512_or_epi64(exponent, _mm512_set1_epi64(0x4330000000000000LL))),
                            _mm512_set1_pd(4503599627370496.0 + 1023.0));
  __m512d upper = _mm512_sub_pd(m, _mm512_set1_pd(1)), lower = _mm512_add_pd(m, _mm512_set1_pd(1));
  if (corrected) {
    __m512i scale = _mm512_slli_epi64(_mm512_sub_epi64(_mm512_set1_epi64(2046), exponent), 52);
    upper = _mm512_fmadd_pd(rest, _mm512_castsi512_pd(scale), upper);
  }
  __m512d f = _mm512_div_pd(upper, lower);
  __m512d low = _mm512_fmadd_pd(n, _mm512_set1_pd(LN2_LOW), _mm512_mul_pd(f, polynomial(_mm512_mul_pd(f, f), c)));
  __mmask8 fits = _mm512_cmp_pd_mask(x, _mm512_set1_pd(std::numeric_limits<double>::min()), _CMP_GE_OQ) &
                  _mm512_cmp_pd_mask(x, _mm512_set1_pd(std::numeric_limits<double>::infinity()), _CMP_LT_OQ);
  return _mm512_mask_blend_pd(fits, _mm512_set1_pd(std::numeric_limits<double>::quiet_NaN()),
                              _mm512_fmadd_pd(n, _mm512_set1_pd(LN2_HIGH), low));
}
template <int R> inline Lanes<R> any_exp(const Lanes<R>& a) { Lanes<R> c; EACH c.r[i] = exp8(a.r[i]); return c; }
template <int R> inline Lanes<R> any_log(const Lanes<R>& a) { Lanes<R> c; EACH c.r[i] = log8(a.r[i], a.r[i], false); return c; }
template <int R> inline Lanes<R> any_log1p(const Lanes<R>& s) {
  Lanes<R> c;
  EACH {
    __m512d x = _mm512_add_pd(s.r[i], _mm512_set1_pd(1)), rest = _mm512_sub_pd(s.r[i], _mm512_sub_pd(x, _mm512_set1_pd(1)));
    __mmask8 small = _mm512_cmp_pd_mask(_mm512_abs_pd(s.r[i]), _mm512_set1_pd(1), _CMP_LT_OQ);
    c.r[i] = log8(x, _mm512_maskz_mov_pd(small, rest), true);
  }
  return c;
}
#endif

// A double that writes down what it is made of, to count the operations that reach a result or a branch:
// not those of constants, nor of derivatives that nobody asks for. exp and log count as their polynomials do.
struct Operation { int left, right; double cost; bool used; };
struct Counted {
  double v;
  int made;  // operation that made it, -1 for a constant
  static inline std::vector<Operation> tape;
  Counted() : v(0), made(-1) {}
  Counted(double x) : v(x), made(-1) {}
  static Counted input(double x) { Counted c(x); c.made = note(-1, -1, 0); return c; }
  static int note(int left, int right, double cost) { tape.push_back({left, right, cost, false}); return int(tape.size()) - 1; }
  static Counted make(double x, int left, int right, double cost) {
    Counted c(x);
    if (left >= 0 || right >= 0) c.made = note(left, right, cost);
    return c;
  }
  void use() const { if (made >= 0) tape[made].used = true; }
  static double total() {
    double sum = 0;
    for (int k = int(tape.size()) - 1; k >= 0; k--)
      if (tape[k].used) {
        sum += tape[k].cost;
        if (tape[k].left >= 0) tape[tape[k].left].used = true;
        if (tape[k].right >= 0) tape[tape[k].right].used = true;
      }
    tape.clear();
    return sum;
  }
};
#define COUNTED(symbol)                                                                                   \
  inline Counted operator symbol(Counted a, Counted b) { return Counted::make(a.v symbol b.v, a.made, b.made, 1); } \
  inline Counted operator symbol(double a, Counted b) { return Counted(a) symbol b; }                      \
  inline Counted operator symbol(Counted a, double b) { return a symbol Counted(b); }
COUNTED(+) COUNTED(-) COUNTED(*) COUNTED(/)
inline Counted operator-(Counted a) { return Counted::make(-a.v, a.made, -1, 0); }
inline bool operator<(Counted a, Counted b) { a.use(); b.use(); return a.v < b.v; }
inline bool operator>(Counted a, Counted b) { return b < a; }
inline bool operator<=(Counted a, Counted b) { a.use(); b.use(); return a.v <= b.v; }
inline Counted any_exp(Counted a) { return Counted::make(std::exp(a.v), a.made, -1, 33); }
inline Counted any_log(Counted a) { return Counted::make(std::log(a.v), a.made, -1, 28); }
inline Counted any_log1p(Counted a) { return Counted::make(any_log1p(a.v), a.made, -1, 33); }
inline Counted any_sqrt(Counted a) { return Counted::make(std::sqrt(a.v), a.made, -1, 1); }
inline Counted any_abs(Counted a) { return Counted::make(std::fabs(a.v), a.made, -1, 0); }
inline Counted select(bool m, Counted a, Counted b) { return m ? a : b; }

// the columns of a table with nine of them, lanes going down the rows
inline void nine(const double* table, double* c) { for (int k = 0; k < 9; k++) c[k] = table[k]; }
inline void nine(const double* table, Counted* c) { for (int k = 0; k < 9; k++) c[k] = Counted::input(table[k]); }
// rows that will be written to soon
template <class T> inline void prepare(double* table, int64_t stride, T*) {
  if (lanes_of<T>::width > 1)
    for (int i = 0; i < lanes_of<T>::width; i++)
      for (int64_t k = 0; k < stride; k += 8) __builtin_prefetch(table + i * stride + k, 1, 3);
}
inline void put(double* row, int64_t, int count, const Counted* values) { for (int k = 0; k < count; k++) { row[k] = values[k].v; values[k].use(); } }
inline void put(double* row, int64_t, int count, const double* values) { for (int k = 0; k < count; k++) row[k] = values[k]; }
#ifdef __AVX512DQ__
inline void transpose(__m512d (&v)[8]) {
  __m512d a[8], b[8];
  for (int k = 0; k < 4; k++) { a[2 * k] = _mm512_unpacklo_pd(v[2 * k], v[2 * k + 1]); a[2 * k + 1] = _mm512_unpackhi_pd(v[2 * k], v[2 * k + 1]); }
  const __m512i low = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0), high = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
  for (int h = 0; h < 2; h++)
    for (int k = 0; k < 2; k++) {
      b[4 * h + k] = _mm512_permutex2var_pd(a[4 * h + k], low, a[4 * h + k + 2]);
      b[4 * h + k + 2] = _mm512_permutex2var_pd(a[4 * h + k], high, a[4 * h + k + 2]);
    }
  for (int k = 0; k < 4; k++) { v[k] = _mm512_shuffle_f64x2(b[k], b[k + 4], 0x44); v[k + 4] = _mm512_shuffle_f64x2(b[k], b[k + 4], 0xEE); }
}
template <int R> inline void nine(const double* table, Lanes<R>* c) {
  EACH {
    const double* t = table + 72 * i;
    __m512d v[8];
    for (int k = 0; k < 8; k++) v[k] = _mm512_loadu_pd(t + 9 * k);
    transpose(v);
    for (int k = 0; k < 8; k++) c[k].r[i] = v[k];
    c[8].r[i] = _mm512_set_pd(t[71], t[62], t[53], t[44], t[35], t[26], t[17], t[8]);
  }
}
template <int R> inline void put(double* table, int64_t stride, int count, const Lanes<R>* values) {
  for (int i = 0; i < R; i++) {
    double* t = table + 8 * i * stride;
    int k = 0;
    for (; k + 8 <= count; k += 8) {
      __m512d v[8];
      for (int j = 0; j < 8; j++) v[j] = values[k + j].r[i];
      transpose(v);
      for (int j = 0; j < 8; j++) _mm512_storeu_pd(t + j * stride + k, v[j]);
    }
    for (; k < count; k++) {
      alignas(64) double one[8];
      _mm512_store_pd(one, values[k].r[i]);
      for (int j = 0; j < 8; j++) t[j * stride + k] = one[j];
    }
  }
}
#endif
