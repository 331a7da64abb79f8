// The law of isosim/law once more in C++: same equations, same order of operations, same layout of the arrays.
#include "core.hpp"
#include "series.hpp"  // the coefficients of isosim/law/strain.py: LOG, LOG_CLOSE, EXP, EXP_CLOSE, COTH, NEAR, CLOSE

// symmetric tensors xx yy zz yz xz xy
template <class T> struct Sym { T c[6]; };
template <class T> inline T trace(const Sym<T>& a) { return a.c[0] + a.c[1] + a.c[2]; }
template <class T> inline Sym<T> square(const Sym<T>& a) {
  T xx = a.c[0], yy = a.c[1], zz = a.c[2], yz = a.c[3], xz = a.c[4], xy = a.c[5];
  return {{xx * xx + xy * xy + xz * xz, xy * xy + yy * yy + yz * yz, xz * xz + yz * yz + zz * zz,
           xy * xz + yy * yz + yz * zz, xx * xz + xy * yz + xz * zz, xx * xy + xy * yy + xz * yz}};
}
template <class T> inline T determinant(const Sym<T>& a) {
  T xx = a.c[0], yy = a.c[1], zz = a.c[2], yz = a.c[3], xz = a.c[4], xy = a.c[5];
  return xx * (yy * zz - yz * yz) + xy * (xz * yz - xy * zz) + xz * (xy * yz - yy * xz);
}
template <class T> inline Sym<T> quadratic(T h0, T h1, T h2, const Sym<T>& a, const Sym<T>& a2) {
  Sym<T> r;
  for (int k = 0; k < 6; k++) r.c[k] = h1 * a.c[k] + h2 * a2.c[k];
  for (int k = 0; k < 3; k++) r.c[k] = r.c[k] + h0;
  return r;
}
template <class T, int N> inline void numbers(const double (&series)[N], T j2, T j3, T (&h)[3]) {
  h[0] = T(series[N - 1]); h[1] = T(0.0); h[2] = T(0.0);
#pragma GCC unroll 18
  for (int k = N - 2; k >= 0; k--) { T n0 = series[k] + h[2] * j3, n1 = h[0] + h[2] * j2; h[2] = h[1]; h[0] = n0; h[1] = n1; }
}
template <class T> inline Sym<T> push(const T* F, const Sym<T>& C) {
  const T* c = C.c;
  T r[3][3];
  for (int k = 0; k < 3; k++) {
    const T* f = F + 3 * k;
    r[k][0] = f[0] * c[0] + f[1] * c[5] + f[2] * c[4];
    r[k][1] = f[0] * c[5] + f[1] * c[1] + f[2] * c[3];
    r[k][2] = f[0] * c[4] + f[1] * c[3] + f[2] * c[2];
  }
  auto dot = [&](int a, int b) { return r[a][0] * F[3 * b] + r[a][1] * F[3 * b + 1] + r[a][2] * F[3 * b + 2]; };
  return {{dot(0, 0), dot(1, 1), dot(2, 2), dot(1, 2), dot(0, 2), dot(0, 1)}};
}

template <class T, bool VISCOUS, bool TANGENT>
inline void advance(const double* Fn, const double* sn, double dt, const Row& m, double* P, double* A, double* new_state, int8_t* status) {
  if (TANGENT) prepare(A, 81, (T*)0);
  T F[9], s[9];
  nine(Fn, F);
  nine(sn, s);
  T J = F[0] * (F[4] * F[8] - F[5] * F[7]) + F[1] * (F[5] * F[6] - F[3] * F[8]) + F[2] * (F[3] * F[7] - F[4] * F[6]);
  T sum = F[0] + s[0];
  for (int k = 1; k < 9; k++) sum = sum + (F[k] + s[k]);
  auto valid = (any_abs(sum) < T(1e300)) & (J > 0.0) & (J < T(1e300));

  Sym<T> C = {{s[0], s[1], s[2], s[3], s[4], s[5]}}, bt = push(F, C);
  T mean = (1.0 / 3.0) * trace(bt), im = 1.0 / mean;
  Sym<T> a = {{(bt.c[0] - mean) * im, (bt.c[1] - mean) * im, (bt.c[2] - mean) * im, bt.c[3] * im, bt.c[4] * im, bt.c[5] * im}}, a2 = square(a);
  T j2 = 0.5 * trace(a2), j3 = determinant(a), ev = -0.5 * any_log(mean * mean * mean * (1.0 - j2 + j3));
  auto near = j2 < T(NEAR);
  T h[3];
  if (any_of(no(j2 < T(CLOSE)))) numbers(LOG, j2, j3, h);
  else numbers(LOG_CLOSE, j2, j3, h);
  Sym<T> d = quadratic(-(2.0 / 3.0) * h[1] * j2, h[0] + h[2] * j2, h[1], a, a2), d2 = square(d);
  j2 = 0.5 * trace(d2); j3 = determinant(d);
  T eq = any_sqrt((4.0 / 3.0) * j2 + 1e-40);
  Answer<T> r = porous<T, VISCOUS>(ev, eq, s[6], s[7], s[8], dt, m);
  T e = ev - r.v, iJ = 1.0 / J;
  T back[9] = {(F[4] * F[8] - F[5] * F[7]) * iJ, (F[2] * F[7] - F[1] * F[8]) * iJ, (F[1] * F[5] - F[2] * F[4]) * iJ,
               (F[5] * F[6] - F[3] * F[8]) * iJ, (F[0] * F[8] - F[2] * F[6]) * iJ, (F[2] * F[3] - F[0] * F[5]) * iJ,
               (F[3] * F[7] - F[4] * F[6]) * iJ, (F[1] * F[6] - F[0] * F[7]) * iJ, (F[0] * F[4] - F[1] * F[3]) * iJ};
  T grown = J * any_exp(e), w = 2.0 * grown * r.shear, p = grown * r.p;
  Sym<T> tau;
  for (int k = 0; k < 6; k++) tau.c[k] = k < 3 ? w * d.c[k] - p : w * d.c[k];
  const int V[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  T stress[9];
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++) stress[3 * k + j] = tau.c[V[3 * k]] * back[3 * j] + tau.c[V[3 * k + 1]] * back[3 * j + 1] + tau.c[V[3 * k + 2]] * back[3 * j + 2];
  T out[9];
  for (int k = 0; k < 6; k++) out[k] = s[k];
  out[6] = r.u; out[7] = r.u_hist; out[8] = r.eqps;
  if (any_of(r.flows)) {
    T f = 2.0 * r.keep, s2 = f * f * j2, s3 = f * f * f * j3;
    if (any_of(no(s2 < T(CLOSE)))) numbers(EXP, s2, s3, h);
    else numbers(EXP_CLOSE, s2, s3, h);
    Sym<T> made = push(back, quadratic(h[0], f * h[1], f * f * h[2], d, d2));
    T scale = any_exp(-(2.0 / 3.0) * e);
    for (int k = 0; k < 6; k++) out[k] = select(r.flows, scale * made.c[k], out[k]);
  }
  T st = select(valid & near, r.status, T(-1.0)), total = stress[0] + out[0];
  for (int k = 1; k < 9; k++) total = total + (stress[k] + out[k]);
  st = select(any_abs(total) < T(std::numeric_limits<double>::infinity()), st, T(-2.0));
  put(new_state, 9, 9, out);
  put(P, 9, 9, stress);
  alignas(64) double codes[lanes_of<T>::width];
  T line[1] = {st};
  put(codes, 1, 1, line);
  for (int k = 0; k < lanes_of<T>::width; k++) status[k] = (int8_t)codes[k];
  if (!TANGENT) return;

  Sym<T> second;
  const int row[6] = {0, 1, 2, 1, 0, 0}, at[6] = {0, 1, 2, 2, 2, 1};
  for (int k = 0; k < 6; k++) second.c[k] = back[3 * row[k]] * stress[at[k]] + back[3 * row[k] + 1] * stress[3 + at[k]] + back[3 * row[k] + 2] * stress[6 + at[k]];

  T q = 3.0 * r.shear * eq, bend = r.q_q - 3.0 * r.shear, n_ = (2.0 / 3.0) / eq;
  T f0 = grown * (r.p_v - (2.0 / 3.0) * r.shear - r.v_v * r.p), f1 = grown * (r.v_v * q - r.q_v), k0 = grown * (r.v_q * r.p - r.p_q), k1 = grown * (bend - r.v_q * q);
  const int last = sizeof(COTH) / sizeof(double) - 1;
  T h0 = T(COTH[last]), h1 = T(0.0), h2 = T(0.0);
  for (int k = last - 1; k >= 0; k--) { T n0 = COTH[k] + 4.0 * j2 * h0 - 3.0 * j3 * h1, n1 = j2 * h1 - 3.0 * j3 * h2, n2 = j2 * h2 - 3.0 * h0; h0 = n0; h1 = n1; h2 = n2; }
  Sym<T> tw = quadratic(h0, h1, h2, d, d2);
  T g[6], n[6];
  for (int k = 0; k < 6; k++) { g[k] = 2.0 * w * tw.c[k]; n[k] = n_ * d.c[k]; }
  const T* D = d.c;
  T zero = T(0.0);
  T K[6][3] = {{zero, D[4], -D[5]}, {-D[3], zero, D[5]}, {D[3], -D[4], zero}, {0.5 * (D[1] - D[2]), -0.5 * D[5], 0.5 * D[4]},
               {0.5 * D[5], 0.5 * (D[2] - D[0]), -0.5 * D[3]}, {-0.5 * D[4], 0.5 * D[3], 0.5 * (D[0] - D[1])}};
  const bool empty[6][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  const T* t = tau.c;
  T S[6][6], half = 0.5 * w, c[6][6];
  T less[6][6] = {{2.0 * t[0] - w, zero, zero, zero, t[4], t[5]}, {zero, 2.0 * t[1] - w, zero, t[3], zero, t[5]}, {zero, zero, 2.0 * t[2] - w, t[3], t[4], zero},
                  {zero, t[3], t[3], 0.5 * (t[1] + t[2]) - half, 0.5 * t[5], 0.5 * t[4]}, {t[4], zero, t[4], 0.5 * t[5], 0.5 * (t[0] + t[2]) - half, 0.5 * t[3]},
                  {t[5], t[5], zero, 0.5 * t[4], 0.5 * t[3], 0.5 * (t[0] + t[1]) - half}};
#pragma GCC unroll 6
  for (int b = 0; b < 6; b++) {
    T gk[3];
    for (int i = 0; i < 3; i++) {
      bool begun = false;
      for (int j = 0; j < 3; j++)
        if (!empty[b][j]) { T term = g[V[3 * i + j]] * K[b][j]; gk[i] = begun ? gk[i] + term : term; begun = true; }
    }
#pragma GCC unroll 6
    for (int k = 0; k <= b; k++) {
      T sum_ = T(0.0) - less[k][b];
      for (int i = 0; i < 3; i++) if (!empty[k][i]) sum_ = sum_ + K[k][i] * gk[i];
      S[k][b] = S[b][k] = sum_;
    }
  }
#pragma GCC unroll 6
  for (int k = 0; k < 6; k++) {
    T y = k < 3 ? f0 + f1 * n[k] : f1 * n[k], zk = k < 3 ? k0 + k1 * n[k] : k1 * n[k];
#pragma GCC unroll 6
    for (int b = 0; b < 6; b++) c[k][b] = b < 3 ? S[k][b] + y + zk * n[b] : S[k][b] + zk * n[b];
  }
  T all[81];
#pragma GCC unroll 3
  for (int k = 0; k < 3; k++)
#pragma GCC unroll 3
    for (int L = 0; L < 3; L++) {
      T x = back[3 * L], y = back[3 * L + 1], zz = back[3 * L + 2], ww[6];
      for (int i = 0; i < 6; i++) ww[i] = c[i][V[3 * k]] * x + c[i][V[3 * k + 1]] * y + c[i][V[3 * k + 2]] * zz;
      for (int i = 0; i < 3; i++)
        for (int I = 0; I < 3; I++) {
          T sum_ = ww[V[3 * i]] * back[3 * I] + ww[V[3 * i + 1]] * back[3 * I + 1] + ww[V[3 * i + 2]] * back[3 * I + 2];
          all[9 * (3 * i + I) + 3 * k + L] = i == k ? sum_ + second.c[V[3 * L + I]] : sum_;
        }
    }
  put(A, 81, 81, all);
}

template <class T, bool VISCOUS, bool TANGENT>
static void run(int64_t n, const double* F, const double* state, double dt, const Row& m, double* P, double* A, double* new_state, int8_t* status) {
  const int w = lanes_of<T>::width;
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < n / w; i++)
    advance<T, VISCOUS, TANGENT>(F + 9 * i * w, state + 9 * i * w, dt, m, P + 9 * i * w, TANGENT ? A + 81 * i * w : A, new_state + 9 * i * w, status + i * w);
}

// operations of one point of n, on average
extern "C" double operations(int viscous, int tangent, int64_t n, const double* F, const double* state, double dt, const Row* m,
                             double* P, double* A, double* new_state, int8_t* status) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) {
#define COUNT(v, t) advance<Counted, v, t>(F + 9 * i, state + 9 * i, dt, *m, P, A, new_state, status)
    if (viscous) { if (tangent) COUNT(true, true); else COUNT(true, false); }
    else { if (tangent) COUNT(false, true); else COUNT(false, false); }
    sum += Counted::total();
  }
  return sum / n;
}

// width 1 (libm), 8 or 16; n a multiple of the width; 0 when done, 1 where this machine has not that width
extern "C" int twin(int width, int viscous, int tangent, int64_t n, const double* F, const double* state, double dt, const Row* m,
                    double* P, double* A, double* new_state, int8_t* status) {
#define RUN(T) (viscous ? (tangent ? run<T, true, true> : run<T, true, false>) : (tangent ? run<T, false, true> : run<T, false, false>))(n, F, state, dt, *m, P, A, new_state, status)
  if (width == 1) { RUN(double); return 0; }
#ifdef __AVX512DQ__
  if (width == 8) { RUN(Lanes<1>); return 0; }
  if (width == 16) { RUN(Lanes<2>); return 0; }
#endif
  return 1;
}
