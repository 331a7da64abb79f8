"""The porous law once more, written from docs/law.md alone: plain numpy, and scipy for roots."""

import numpy as np
from scipy.optimize import brentq

ONE = np.eye(3)
R = 8.31446261815324


def isotropic(function, tensor):
    """A function of a symmetric tensor."""
    values, axes = np.linalg.eigh(tensor)
    return axes @ np.diag(function(values)) @ axes.T


def cap(law, phi, u, u_r, phi_r, phi_m):
    """p_c and its floor, (7)."""
    w, D, D_r = u_r - u, 1.0 - phi, 1.0 - phi_r
    kind = type(law).__name__
    if kind == "Heckel":
        return law.p0 + law.hardening * w if w > 0 else law.p0 * np.exp(law.hardening * w / law.p0)
    locking = law.locking * max(w, 0.0)
    if kind == "Log":
        return law.unit_pressure * np.exp((law.intercept - phi / D) / law.slope) + locking
    if kind == "Power":
        return law.p0 * (D / D_r) ** law.exponent + locking
    if kind == "CamClay":
        exponent = (1.0 + phi_r / D_r) / (law.compression - law.swelling)
        return law.p0 * np.exp(exponent * np.log(D / D_r)) + locking

    def kawakita(D):
        return law.p0 + (D - D_r) / (law.b * (D_r - (1.0 - law.a) * D))

    if w >= 0:
        return kawakita(D) + locking
    # like Heckel: p0 exp(kappa w/p0) with the slope kappa = dp_c/dw at w = 0, where dD/dw = phi_r - phi_m
    kappa = (phi_r - phi_m) / (law.b * law.a * D_r)
    return law.p0 * np.exp(kappa * w / law.p0)


def floor(law, phi_r):
    kind = type(law).__name__
    if kind == "Heckel":
        return law.minimum_porosity
    return max(0.0, 1.0 - (1.0 - phi_r) / (1.0 - law.a)) if kind == "Kawakita" else 0.0


class Step:
    """One step of a point: constants at T, and the two equations (11)."""

    def __init__(self, model, F, state, dt, T):
        m, self.model, self.dt = model, model, dt
        thermal = m.thermal
        warmer = T - thermal.reference_temperature if thermal else 0.0
        factor = (lambda beta: np.exp(-beta * warmer)) if thermal else (lambda beta: 1.0)
        self.strength = factor(thermal.strength if thermal else 0.0)
        self.Ks = m.bulk_modulus * factor(thermal.bulk if thermal else 0.0)
        self.Gs = m.shear_modulus * factor(thermal.shear if thermal else 0.0)
        self.stretch = np.exp(thermal.expansion * warmer) if thermal else 1.0
        self.T, self.T_ref = T, thermal.reference_temperature if thermal else 298.15
        self.phi_m = floor(m.cap, m.reference_porosity)
        self.u_r = np.log(m.reference_porosity - self.phi_m)
        self.F = F.reshape(3, 3)
        xx, yy, zz, yz, xz, xy = state[:6]
        self.C = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        self.u_n, self.u_hist = state[6:8]
        self.eps = isotropic(lambda v: 0.5 * np.log(v), self.F @ self.C @ self.F.T / self.stretch**2)
        self.ev = -np.trace(self.eps)
        self.dev = self.eps + self.ev / 3.0 * ONE
        self.eq = np.sqrt(2.0 / 3.0 * np.sum(self.dev**2))

    def parts(self, u, theta):
        m, gap_n = self.model, np.exp(self.u_n)
        phi = self.phi_m + np.exp(u)
        v = np.log1p(-gap_n * np.expm1(u - self.u_n) / (1.0 - self.phi_m - gap_n))
        h = (1.0 - phi / m.stiffness_porosity) ** 2
        slope = -2.0 / m.stiffness_porosity * (1.0 - phi / m.stiffness_porosity)
        K, G = self.Ks * h, self.Gs * h
        jammed = min(u, self.u_hist)
        p_c = self.strength * cap(
            m.cap, self.phi_m + np.exp(jammed), jammed, self.u_r, m.reference_porosity, self.phi_m
        )
        p_t = self.strength * m.cohesion + m.tension_ratio * p_c
        c, a = 0.5 * (p_c - p_t), 0.5 * (p_c + p_t)
        M2 = 1.0 / (m.friction**-2 + (a / (self.strength * m.matrix_strength)) ** 2)
        e, e_q = self.ev - v, self.eq / (1.0 + 3.0 * G * theta)
        p, k = K * e, h + (1.0 - phi) * slope
        if m.elasticity is not None:
            p = m.elasticity.initial_pressure * np.exp(e / m.elasticity.swelling)
            K, k = p / m.elasticity.swelling, 0.0
        energy = k * (0.5 * self.Ks * e**2 + 1.5 * self.Gs * e_q**2)
        x = (p + K * v + energy - c) / (1.0 + theta * M2 * K)
        r = np.sqrt((3.0 * G * e_q) ** 2 + M2 * x**2)
        return v, p, G, M2, x, r, np.sqrt(M2) * a

    def overstress(self, g):
        s = self.model.viscosity
        if s is None:
            return 0.0
        rate = s.rate * np.exp(s.activation_energy / R * (1.0 / self.T_ref - 1.0 / self.T))
        return s.stress * (g / (self.dt * rate)) ** (1.0 / s.exponent)

    def second(self, theta, u):
        *_, r, b = self.parts(u, theta)
        return 1.0 - (b + self.overstress(theta * r)) / r

    def first(self, u):
        theta = self.theta(u)
        v, _, _, M2, x, _, _ = self.parts(u, theta)
        return v - theta * M2 * x

    def theta(self, u):
        """The root of the second equation at fixed u, (13)."""
        if self.second(0.0, u) <= 0.0:
            return 0.0
        high = 1.0 / self.Gs
        while self.second(high, u) > 0.0:
            high *= 8.0
        return brentq(self.second, 0.0, high, (u,), xtol=1e-30, rtol=1e-15)

    def solve(self):
        """P, Cp^-1, u and plastic strain increment, by (13)."""
        u, theta = self.u_n, 0.0
        if self.second(theta, u) > 0.0:
            compacts = self.first(u) < 0.0
            limit = np.log(min(1.0, self.model.stiffness_porosity) - self.phi_m)
            end, step = u, 0.02
            while (self.first(end) < 0.0) == compacts:
                end = end - step if compacts else min(end + step, 0.5 * (end + limit))
                step *= 1.5
            u = brentq(self.first, min(u, end), max(u, end), xtol=1e-15, rtol=1e-15)
            theta = self.theta(u)
        v, p, G, _, _, _, _ = self.parts(u, theta)
        keep = 1.0 / (1.0 + 3.0 * G * theta)
        e = self.ev - v
        elastic = -e / 3.0 * ONE + keep * self.dev
        back = np.linalg.inv(self.F)
        new = back @ isotropic(np.exp, 2.0 * elastic) @ back.T * self.stretch**2
        unloaded = np.linalg.det(self.F) * np.exp(e)  # J/Je
        P = unloaded * (-p * ONE + 2.0 * G * keep * self.dev) @ back.T
        return P.ravel(), new, u, theta * 3.0 * G * keep * self.eq
