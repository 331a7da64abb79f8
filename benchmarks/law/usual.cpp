// The law the way it is usually written for one point: eigenvectors of the trial strain by Jacobi's method, ln and
// exp of principal stretches by libm, tangent in principal directions. Same return map, arrays and results as twin.cpp.
#include <cstring>
#include "core.hpp"

namespace {
const int FIRST[6] = {0, 1, 2, 1, 0, 0}, SECOND[6] = {0, 1, 2, 2, 2, 1}, VOIGT[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};

// one rotation that makes a[p][q] zero; the columns of n are the axes
void rotate(double (&a)[3][3], double (&n)[3][3], int p, int q) {
  int r = 3 - p - q;
  double d = a[q][q] - a[p][p], two = 2.0 * a[p][q];
  if (two == 0.0) return;
  double t = two / (std::fabs(d) + std::sqrt(d * d + two * two));
  if (d < 0.0) t = -t;
  double c = 1.0 / std::sqrt(1.0 + t * t), s = t * c, arp = a[r][p], arq = a[r][q];
  a[p][p] -= t * a[p][q];
  a[q][q] += t * a[p][q];
  a[p][q] = a[q][p] = 0.0;
  a[r][p] = a[p][r] = c * arp - s * arq;
  a[r][q] = a[q][r] = s * arp + c * arq;
  for (int i = 0; i < 3; i++) {
    double x = n[i][p], y = n[i][q];
    n[i][p] = c * x - s * y;
    n[i][q] = s * x + c * y;
  }
}

void eigen(double (&a)[3][3], double (&n)[3][3]) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) n[i][j] = i == j;
  for (int sweep = 0; sweep < 12; sweep++) {
    double off = a[0][1] * a[0][1] + a[0][2] * a[0][2] + a[1][2] * a[1][2], size = a[0][0] * a[0][0] + a[1][1] * a[1][1] + a[2][2] * a[2][2];
    if (off <= 1e-34 * size) break;
    rotate(a, n, 0, 1);
    rotate(a, n, 0, 2);
    rotate(a, n, 1, 2);
  }
}

// sum of value[A] n_A n_A
void assemble(const double* value, const double (&n)[3][3], double* full) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) full[3 * i + j] = value[0] * n[i][0] * n[j][0] + value[1] * n[i][1] * n[j][1] + value[2] * n[i][2] * n[j][2];
}

void product(const double* a, const double* b, double* c) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) c[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
}

// a b^T
void product_transposed(const double* a, const double* b, double* c) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) c[3 * i + j] = a[3 * i] * b[3 * j] + a[3 * i + 1] * b[3 * j + 1] + a[3 * i + 2] * b[3 * j + 2];
}

// atanh(y)/y of y = (a - b)/(a + b)
double stretched(double a, double b) {
  double y = (a - b) / (a + b), y2 = y * y;
  if (y2 < 2.5e-3) return 1.0 + y2 * (1.0 / 3 + y2 * (1.0 / 5 + y2 * (1.0 / 7 + y2 * (1.0 / 9 + y2 * (1.0 / 11 + y2 * (1.0 / 13))))));
  return 0.5 * std::log(a / b) / y;
}

template <bool VISCOUS, bool TANGENT>
void advance(const double* F, const double* state, double dt, const Row& m, double* P, double* A, double* next, int8_t* status) {
  double J = F[0] * (F[4] * F[8] - F[5] * F[7]) + F[1] * (F[5] * F[6] - F[3] * F[8]) + F[2] * (F[3] * F[7] - F[4] * F[6]), i = 1.0 / J;
  double back[9] = {(F[4] * F[8] - F[5] * F[7]) * i, (F[2] * F[7] - F[1] * F[8]) * i, (F[1] * F[5] - F[2] * F[4]) * i,
                    (F[5] * F[6] - F[3] * F[8]) * i, (F[0] * F[8] - F[2] * F[6]) * i, (F[2] * F[3] - F[0] * F[5]) * i,
                    (F[3] * F[7] - F[4] * F[6]) * i, (F[1] * F[6] - F[0] * F[7]) * i, (F[0] * F[4] - F[1] * F[3]) * i};
  double C[9], FC[9], b[9], a[3][3], n[3][3], d[3];
  for (int k = 0; k < 9; k++) C[k] = state[VOIGT[k]];
  product(F, C, FC);
  product_transposed(FC, F, b);
  std::memcpy(a, b, sizeof a);
  eigen(a, n);
  double l[3] = {a[0][0], a[1][1], a[2][2]};
  for (int k = 0; k < 3; k++) d[k] = 0.5 * std::log(l[k]);
  double ev = -(d[0] + d[1] + d[2]);
  for (int k = 0; k < 3; k++) d[k] += ev / 3.0;
  double eq = std::sqrt(2.0 / 3.0 * (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) + 1e-40);
  Answer<double> r = porous<double, VISCOUS>(ev, eq, state[6], state[7], state[8], dt, m);
  double e = ev - r.v, grown = J * std::exp(e), t[3], tau[9];
  for (int k = 0; k < 3; k++) t[k] = grown * (2.0 * r.shear * d[k] - r.p);
  assemble(t, n, tau);
  product_transposed(tau, back, P);
  for (int k = 0; k < 6; k++) next[k] = state[k];
  next[6] = r.u; next[7] = r.u_hist; next[8] = r.eqps;
  if (r.flows) {
    double stretch[3], be[9], half[9], made[9];
    for (int k = 0; k < 3; k++) stretch[k] = std::exp(2.0 * (r.keep * d[k] - e / 3.0));
    assemble(stretch, n, be);
    product(back, be, half);
    product_transposed(half, back, made);
    for (int k = 0; k < 6; k++) next[k] = made[3 * FIRST[k] + SECOND[k]];
  }
  bool good = J > 0.0 && l[0] > 0.0 && l[1] > 0.0 && l[2] > 0.0;
  double total = 0.0;
  for (int k = 0; k < 9; k++) total += P[k] + next[k];
  *status = good ? (std::isfinite(total) ? (int8_t)r.status : -2) : -1;
  if (!TANGENT) return;

  // spatial moduli in principal directions, theory (16), then in Voigt order
  double s = 2.0 * grown * r.shear, N[3], along[3][3], across[3], pair[6][6], c[6][6];
  for (int k = 0; k < 3; k++) N[k] = 2.0 / 3.0 * d[k] / eq;
  for (int x = 0; x < 3; x++)
    for (int y = 0; y < 3; y++)
      along[x][y] = grown * (r.p_v - r.p_q * N[y] + N[x] * ((r.q_q - 3.0 * r.shear) * N[y] - r.q_v)) + s * ((x == y) - 1.0 / 3.0) -
                    t[x] * (r.v_q * N[y] - r.v_v) - (x == y) * 2.0 * t[x];
  for (int k = 0; k < 3; k++) {
    int x = (k + 1) % 3, y = (k + 2) % 3;
    across[k] = 0.5 * (s * stretched(l[x], l[y]) - t[x] - t[y]);
  }
  for (int k = 0; k < 6; k++) {
    int f = FIRST[k], g = SECOND[k];
    for (int x = 0; x < 3; x++) {
      int y = (x + 1) % 3, z = (x + 2) % 3;
      pair[x][k] = n[f][x] * n[g][x];
      pair[3 + x][k] = n[f][y] * n[g][z] + n[g][y] * n[f][z];
    }
  }
  for (int k = 0; k < 6; k++) {
    double w[6];
    for (int x = 0; x < 3; x++) {
      w[x] = along[x][0] * pair[0][k] + along[x][1] * pair[1][k] + along[x][2] * pair[2][k];
      w[3 + x] = across[x] * pair[3 + x][k];
    }
    for (int j = 0; j < 6; j++) {
      c[j][k] = 0.0;
      for (int x = 0; x < 6; x++) c[j][k] += pair[x][j] * w[x];
    }
  }
  double second[9];
  product(back, P, second);
  for (int k = 0; k < 3; k++)
    for (int L = 0; L < 3; L++) {
      double w[6];
      for (int j = 0; j < 6; j++)
        w[j] = c[j][VOIGT[3 * k]] * back[3 * L] + c[j][VOIGT[3 * k + 1]] * back[3 * L + 1] + c[j][VOIGT[3 * k + 2]] * back[3 * L + 2];
      for (int x = 0; x < 3; x++)
        for (int I = 0; I < 3; I++)
          A[9 * (3 * x + I) + 3 * k + L] = w[VOIGT[3 * x]] * back[3 * I] + w[VOIGT[3 * x + 1]] * back[3 * I + 1] + w[VOIGT[3 * x + 2]] * back[3 * I + 2] +
                                           (x == k ? second[3 * L + I] : 0.0);
    }
}

template <bool VISCOUS, bool TANGENT>
void run(int64_t n, const double* F, const double* state, double dt, const Row& m, double* P, double* A, double* next, int8_t* status) {
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < n; i++) advance<VISCOUS, TANGENT>(F + 9 * i, state + 9 * i, dt, m, P + 9 * i, TANGENT ? A + 81 * i : A, next + 9 * i, status + i);
}
}  // namespace

extern "C" void usual(int viscous, int tangent, int64_t n, const double* F, const double* state, double dt, const Row* m, double* P, double* A, double* next, int8_t* status) {
  (viscous ? (tangent ? run<true, true> : run<true, false>) : (tangent ? run<false, true> : run<false, false>))(n, F, state, dt, *m, P, A, next, status);
}
