// The return map of isosim/law/porous.py: same equations, same order of operations. Porous points of one material
// with the Heckel cap, and no fallback: what the benchmark presses.
#pragma once
#include "lanes.hpp"

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
