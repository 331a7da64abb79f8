// The law of isosim/law once more in C++: same equations, same order of operations, same layout of the
// arrays. Porous points of one material with the Heckel cap, and no fallback: what the benchmark presses.
#include "lanes.hpp"
#include "series.hpp"  // the coefficients of isosim/law/strain.py: LOG, LOG_CLOSE, EXP, EXP_CLOSE, COTH, NEAR, CLOSE

struct Row { double bulk, shear, softening, floor, reference, p0, kappa, cohesion, zeta, friction, saturation, s0, exponent, rate; };
template <class T> struct Old { T u, u_hist, gap, share; };
template <class T> struct Balance {
  T R1, R2, c_u, c_t, s_u, s_t, c_v, c_q, s_v, s_q, v, v_u, p, p_u, p_v, q, q_u, q_t, q_q, shear, keep, x, r, mobility, driving, porosity;
};
template <class T> inline T smaller(T a, T b) { return select(a < b, a, b); }
template <class T> inline T larger(T a, T b) { return select(a > b, a, b); }

template <class T, bool VISCOUS>
inline Balance<T> balance_at(T u, T theta, T growth, T v, T ev, T eq, const Old<T>& old, double dt, const Row& m) {
  Balance<T> b;
  T gap = old.gap * growth, porosity = m.floor + gap, solid = 1.0 - porosity, e = ev - v;
  T s = 1.0 - porosity * m.softening, h = s * s, h1 = -2.0 * m.softening * s;
  double h2 = 2.0 * m.softening * m.softening;
  T h_u = h1 * gap, bulk = m.bulk * h, bulk_u = m.bulk * h_u, p = bulk * e, p_at_e = bulk_u * e, shear = m.shear * h, shear_u = m.shear * h_u;
  auto dilated = u > old.u_hist;
  T w0 = m.reference - select(dilated, old.u_hist, u), cap = m.p0 + m.kappa * w0, cap_u = T(-m.kappa);
  auto outside = w0 < 0.0;
  if (any_of(outside)) {
    T low = m.p0 * any_exp(m.kappa / m.p0 * select(outside, w0, T(0.0)));
    cap = select(outside, low, cap);
    cap_u = select(outside, -m.kappa / m.p0 * low, cap_u);
  }
  cap_u = select(dilated, T(0.0), cap_u);
  T centre = 0.5 * ((1.0 - m.zeta) * cap - m.cohesion), centre_u = 0.5 * (1.0 - m.zeta) * cap_u;
  T radius = 0.5 * ((1.0 + m.zeta) * cap + m.cohesion), radius_u = 0.5 * (1.0 + m.zeta) * cap_u;
  T softer = 1.0 + 3.0 * shear * theta, friction = m.friction + radius * radius * m.saturation, stiffer = friction + theta * bulk;
  T one = 1.0 / (solid * softer * friction * stiffer), first = one * friction * stiffer, second = one * solid * softer;
  T v_u = -gap * first * softer, keep = first * solid, mobility = second * stiffer, i = second * friction * friction;
  T mobility_u = -2.0 * mobility * mobility * radius * radius_u * m.saturation, slope = any_sqrt(mobility), height = radius * slope;
  T height_u = radius_u * slope * (1.0 - radius * radius * m.saturation * mobility);
  T strain = eq * keep, q = 3.0 * shear * strain, q_u = 3.0 * strain * keep * shear_u, q_t = -3.0 * shear * keep * q, q_q = 3.0 * shear * keep;
  T k = h + solid * h1, k_u = solid * h2 * gap, w = 0.5 * m.bulk * e * e + 1.5 * m.shear * strain * strain;
  T w_u = -m.bulk * e * v_u - 3.0 * m.shear * strain * q_u * theta, w_t = -3.0 * m.shear * strain * strain * q_q, w_q = 3.0 * m.shear * strain * keep;
  T y = p + bulk * v + k * w - centre, y_u = p_at_e + bulk_u * v + k_u * w + k * w_u - centre_u, y_v = bulk + k * m.bulk * e;
  T x = y * i, x_u = (y_u - x * theta * (mobility_u * bulk + mobility * bulk_u)) * i, x_t = (k * w_t - x * mobility * bulk) * i, x_v = y_v * i, x_q = k * w_q * i;
  T flow = mobility * x, r = any_sqrt(q * q + flow * x + 1e-300), ir = 1.0 / r;
  T r_u = (q * q_u + 0.5 * mobility_u * x * x + flow * x_u) * ir, r_t = (q * q_t + flow * x_t) * ir, r_v = flow * x_v * ir, r_q = (q * q_q + flow * x_q) * ir;
  T over = T(0.0), over_g = T(0.0);
  if (VISCOUS) {
    T g = theta * r + 1e-300;
    over = m.s0 * any_exp(m.exponent * (any_log(g) - std::log(dt * m.rate)));
    over_g = over * m.exponent / g;
  }
  T level = (height + over) * ir * ir;
  b.R1 = v - theta * flow; b.R2 = 1.0 - (height + over) * ir;
  b.c_u = v_u - theta * (mobility_u * x + mobility * x_u); b.c_t = -mobility * (x + theta * x_t);
  b.s_u = level * r_u - (height_u + over_g * theta * r_u) * ir; b.s_t = level * r_t - over_g * (r + theta * r_t) * ir;
  b.c_v = -theta * mobility * x_v; b.c_q = -theta * mobility * x_q;
  b.s_v = (level - over_g * theta * ir) * r_v; b.s_q = (level - over_g * theta * ir) * r_q;
  b.v = v; b.v_u = v_u; b.p = p; b.p_u = p_at_e - bulk * v_u; b.p_v = bulk; b.q = q; b.q_u = q_u; b.q_t = q_t; b.q_q = q_q;
  b.shear = shear * keep; b.keep = keep; b.x = x; b.r = r; b.mobility = mobility; b.driving = bulk + k * m.bulk * e; b.porosity = porosity;
  return b;
}

template <class T> struct Answer { T p, shear, keep, v, u, u_hist, eqps, p_v, p_q, q_v, q_q, v_v, v_q, status; typename lanes_of<T>::mask flows; };

template <class T, bool VISCOUS> inline Answer<T> porous(T ev, T eq, T u_n, T u_hist, T eqps, double dt, const Row& m) {
  const double TOLERANCE = 1e-13;
  Old<T> old; old.u = u_n; old.u_hist = u_hist; old.gap = any_exp(u_n); old.share = old.gap / (1.0 - m.floor - old.gap);
  T u = u_n, theta = T(0.0);
  Balance<T> b = balance_at<T, VISCOUS>(u, theta, T(1.0), T(0.0), ev, eq, old, dt, m);
  typename lanes_of<T>::mask fits = (b.porosity < T(1.0)) & (b.porosity * m.softening < T(1.0));
  typename lanes_of<T>::mask yields = fits & (b.R2 > TOLERANCE);
  T status = select(fits, select(yields | (b.driving > 0.0), T(0.0), T(-2.0)), T(-1.0));
  if (any_of(yields)) {
    T flow = b.mobility * b.x, height = (1.0 - b.R2) * b.r, excess = b.r - height;
    T first = excess * b.r * b.r / (height * (3.0 * b.shear * b.q * b.q + flow * flow * b.p_v));
    if (VISCOUS) {
      T over = m.s0 * any_exp(m.exponent * (any_log(first * height) - std::log(dt * m.rate)));
      T share = over / excess, slowed = (1.0 - share) * height / (height + over);
      auto crawls = share > 0.8;
      if (any_of(crawls)) slowed = select(crawls, smaller(any_exp(-any_log(share) / m.exponent), T(0.2)), slowed);
      first = first * slowed;
    }
    T du = first * flow / ((1.0 + first * b.mobility * b.p_v) * b.v_u);
    du = select(b.p > 0.0, larger(smaller(du, T(0.0)), T(-1.0)), T(0.0));
    u = select(yields, u + du, u);
    theta = select(yields, first, theta);
    auto active = yields;
    for (int n = 0; n < 25; n++) {
      T growth = any_exp(u - old.u);
      b = balance_at<T, VISCOUS>(u, theta, growth, any_log1p(old.share * (1.0 - growth)), ev, eq, old, dt, m);
      T i = 1.0 / (b.c_u * b.s_t - b.c_t * b.s_u);
      T step = -(b.s_t * b.R1 - b.c_t * b.R2) * i, dtheta = -(b.c_u * b.R2 - b.s_u * b.R1) * i;
      active = active & no((any_abs(b.R1) <= TOLERANCE) & (any_abs(b.R2) <= TOLERANCE) & (any_abs(dtheta * b.r) <= TOLERANCE));
      if (!any_of(active)) break;
      step = larger(smaller(step, T(2.0)), -2.0 - 0.5 * any_abs(u));
      T next = theta + dtheta;
      auto falls = dtheta < -0.7 * theta;
      if (any_of(falls)) {
        T ratio = larger(dtheta / theta, T(-3.0));
        next = select(falls, theta / (1.0 - ratio + 0.5 * ratio * ratio), next);
      }
      u = select(active, u + step, u);
      theta = select(active, next, theta);
    }
    auto sound = (b.porosity * m.softening < T(1.0)) & (b.driving > 0.0) & (b.v * b.v <= 4.0 * (ev * ev + 3.0 * eq * eq));
    status = select(active | (yields & no(sound)), T(-2.0), status);
  }
  T i = select(yields, 1.0 / (b.c_u * b.s_t - b.c_t * b.s_u), T(0.0));
  T u_v = -(b.s_t * b.c_v - b.c_t * b.s_v) * i, u_q = -(b.s_t * b.c_q - b.c_t * b.s_q) * i;
  T t_v = -(b.c_u * b.s_v - b.s_u * b.c_v) * i, t_q = -(b.c_u * b.s_q - b.s_u * b.c_q) * i;
  return {b.p, b.shear, b.keep, b.v, u, smaller(u, u_hist), eqps + theta * b.q, b.p_v + b.p_u * u_v, b.p_u * u_q,
          b.q_u * u_v + b.q_t * t_v, b.q_q + b.q_u * u_q + b.q_t * t_q, b.v_u * u_v, b.v_u * u_q, status, yields};
}

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
