"""A coated foil in the gap of two rolls: the slab method on isosim's law.

Layers are bonded and share the stretch along the web, lx; the width is held. At every place x of the arc the
sheet is as thick as the gap,

    h(x) = gap + x^2 / R,

all layers carry the pressure p of the rolls through the thickness, and the force N along the web [N/m of
width, tension positive] follows von Karman's balance (1925, Z. Angew. Math. Mech. 5, 139) with Coulomb
friction on both faces,

    dN/dx + p dh/dx + 2 tau = 0,      |tau| <= mu p.

tau drags the sheet forward where it is slower than the rolls, backward where it is faster. Where less
friction than there is keeps lx as it is, the sheet sticks. A last zone from `neutral` on slips forward over
the rolls, placed so that the web leaves with the tension asked for. Rolls flatten by Hitchcock's formula
(1935, ASME, Roll Neck Bearings): R = R0 [1 + 16 (1 - nu^2)/(pi E) q / dh], q the line load and dh the draft.
Slabs stay plane: no shear through the thickness, and nothing varies over the width.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from isosim import law
from isosim.column import relax
from isosim.recipe import ROOM

STEPS = 80  # along the arc up to its narrowest place
ITERATIONS = 30
TOLERANCE = 1e-9
AXES = np.array([0, 4, 8])  # xx, yy, zz
FLATTENING = 60  # iterations between line load and radius
TORN = 1e6  # N/m, the force of a web that found no balance because it slips too far


class NoNip(Exception):
    """The sheet found no balance in the gap."""


@dataclass(frozen=True)
class Sheet:
    """A web: laws, thickness [m] and state of its layers, their stretches (n, 3) along, across, through."""

    laws: tuple[law.Porous | law.Dense, ...]
    thickness: np.ndarray
    state: np.ndarray
    stretch: np.ndarray

    @staticmethod
    def unpressed(
        laws: tuple[law.Porous | law.Dense, ...],
        thickness: tuple[float, ...],
        porosity: tuple[float | None, ...],
    ) -> Sheet:
        """Before its first pass; a porosity of None for dense layers."""
        state = np.stack(
            [
                own.initial_state(phi) if phi is not None else own.initial_state()
                for own, phi in zip(laws, porosity, strict=True)
            ]
        )
        return Sheet(laws, np.array(thickness), state, np.ones((len(laws), 3)))

    @property
    def height(self) -> float:
        """Its thickness now [m]."""
        return float(self.thickness @ self.stretch[:, 2])

    @property
    def parameters(self) -> np.ndarray:
        """Constants of the laws at room temperature, a row a layer."""
        return np.stack([own.at(ROOM) for own in self.laws])

    def porosity(self) -> np.ndarray:
        """Of every layer; NaN where dense."""
        return law.porosity(self.state, self.parameters)

    def relaxed(self) -> Sheet:
        """Without any load, flat."""
        F = np.zeros((1, len(self.laws), 3, 3))
        F[0, :, range(3), range(3)] = self.stretch.T
        F, state = relax(F, self.state[None], self.thickness, self.parameters)
        return replace(self, state=state[0], stretch=np.diagonal(F[0], axis1=1, axis2=2).copy())


@dataclass(frozen=True)
class Rolls:
    """Two equal rolls: radius [m], Coulomb friction, surface speed [m/s], and how stiff they are."""

    radius: float
    friction: float = 0.15
    speed: float = 1.0 / 60.0
    young: float = 210e9
    poisson: float = 0.3

    def flattened(self, line_load: float, draft: float) -> float:
        """Radius under this line load [N/m] and draft [m]."""
        soft = 16.0 * (1.0 - self.poisson**2) / (np.pi * self.young)
        return self.radius * (1.0 + soft * line_load / draft)


@dataclass(frozen=True)
class Pass:
    """One pass: profiles over x [m], and the sheet after it, relaxed.

    pressure [Pa], force [N/m], shear [Pa] (mean over the step that ends at x), thickness [m], stretch along,
    porosity of each layer; gap and flattened radius [m], friction of the rolls.
    """

    x: np.ndarray
    pressure: np.ndarray
    force: np.ndarray
    shear: np.ndarray
    thickness: np.ndarray
    stretch: np.ndarray
    porosity: np.ndarray
    after: Sheet
    gap: float
    radius: float
    friction: float

    @property
    def line_load(self) -> float:
        """N/m of width."""
        return float((0.5 * (self.pressure[1:] + self.pressure[:-1]) * np.diff(self.x)).sum())

    @property
    def arc(self) -> float:
        """Length of the contact [m]."""
        return float(self.x[-1] - self.x[0])


def roll(sheet: Sheet, rolls: Rolls, gap: float, tension: tuple[float, float] = (0.0, 0.0)) -> Pass:
    """Pass a sheet through a gap [m], with this web tension before and after it [N/m].

    Raises
    ------
    NoNip
        When the gap does not touch the sheet, or no balance was found.
    """
    draft = sheet.height - gap
    if draft <= 0.0:
        raise NoNip(f"a gap of {gap * 1e6:.4g} um does not touch a sheet of {sheet.height * 1e6:.4g} um")
    radius = rolls.radius
    for _ in range(FLATTENING):
        found = _Arc(sheet, rolls, radius, gap, tension).march(np.inf)
        new = rolls.flattened(found.line_load, draft)
        if abs(new / radius - 1.0) < 1e-4:
            break
        radius = np.sqrt(new * radius)
    else:
        raise NoNip("the flattening of the rolls does not settle")
    return _Arc(sheet, rolls, radius, gap, tension).leaving()


class _Arc:
    """The march along one arc."""

    def __init__(
        self, sheet: Sheet, rolls: Rolls, radius: float, gap: float, tension: tuple[float, float]
    ) -> None:
        self.sheet, self.rolls, self.radius, self.gap, self.tension = sheet, rolls, radius, gap, tension
        self.parameters = sheet.parameters
        self.entry = -np.sqrt(radius * (sheet.height - gap))
        n = len(sheet.laws)
        self.P, self.A = np.empty((n, 3)), np.empty((n, 3, 3))
        self.new, self.status = np.empty((n, law.N_STATE)), np.empty(n, np.int8)

    def leaving(self) -> Pass:
        """The pass with the web tension behind the rolls that was asked for, if friction can give it."""
        last = self.march(np.inf)
        if self.rolls.friction == 0.0 or last.force[-1] >= self.tension[1]:
            return last
        end, width = float(last.x[-1]), last.arc / 256

        def out(neutral: float) -> float:
            try:
                return float(self.march(neutral).force[-1]) - self.tension[1]
            except NoNip:
                return TORN

        while out(end - width) < 0.0:  # from the exit: a sheet that slips all along is torn
            width *= 2.0
        return self.march(brentq(out, end - width, end, xtol=1e-4 * last.arc))

    def march(self, neutral: float) -> Pass:
        """From entry to exit; beyond `neutral` the sheet slips forward over the rolls."""
        step = -self.entry / STEPS
        x, force, pressure = self.entry, self.tension[0], 0.0
        log = np.log(self.sheet.stretch)
        state, rate = self.sheet.state, np.zeros_like(log)
        rows = [(x, pressure, force, 0.0, self.sheet.height, np.exp(log[0, 0]), self.sheet.porosity())]
        while True:
            dx = step
            for _ in range(12):
                found = self._advance(x, dx, neutral, force, pressure, log, rate, state)
                if found is not None:
                    break
                dx *= 0.5
            else:
                raise NoNip(f"no balance at {x * 1e3:.4g} mm")
            new, force_new, pressure_new, shear = found
            if pressure_new <= 0.0 and x > 0.0:
                break
            rate = (new - log) / dx
            x, log, force, pressure, state = x + dx, new, force_new, pressure_new, self.new.copy()
            sheet = replace(self.sheet, state=state, stretch=np.exp(log))
            rows.append((x, pressure, force, shear, sheet.height, np.exp(log[0, 0]), sheet.porosity()))
        x, pressure, force, shear, thickness, stretch, porosity = (
            np.array(c) for c in zip(*rows, strict=True)
        )
        return Pass(
            x,
            pressure,
            force,
            shear,
            thickness,
            stretch,
            porosity,
            sheet.relaxed(),
            self.gap,
            self.radius,
            self.rolls.friction,
        )

    def _advance(self, x, dx, neutral, force, pressure, log, rate, state):  # type: ignore[no-untyped-def]
        """One step, stuck if friction can do it, else slipping; (stretches, N, p, tau) or None."""
        mu = self.rolls.friction
        if neutral <= x:
            return self._solve(x, dx, -mu, force, pressure, log, rate, state)
        if mu > 0.0 and x + dx <= neutral:
            stuck = self._solve(x, dx, None, force, pressure, log, rate, state)
            if stuck is None:
                return None
            limit = mu * 0.5 * (pressure + stuck[2])
            if abs(stuck[3]) <= limit:
                return stuck
            return self._solve(x, dx, mu * np.sign(stuck[3]), force, pressure, log, rate, state)
        share = min(1.0, (neutral - x) / dx)
        return self._solve(x, dx, mu * (2.0 * share - 1.0), force, pressure, log, rate, state)

    def _solve(self, x, dx, friction, force, pressure, log, rate, state):  # type: ignore[no-untyped-def]
        """Balance at x + dx with tau = friction * mean pressure; with None the stretch along stays."""
        h_old, h = (self.gap + place**2 / self.radius for place in (x, x + dx))
        t = self.sheet.thickness
        new = log + rate * dx
        if friction is None:
            new[:, 0] = log[:, 0]
        n = len(t)
        dt = dx / (self.rolls.speed * np.exp(log[0, 0]))
        for _ in range(ITERATIONS):
            F = np.exp(new)
            law.advance_into(
                F, state, np.arange(n), self.parameters, dt, AXES, self.P, self.A, self.new, self.status
            )
            if (self.status < 0).any():
                return None
            P, A = self.P, self.A * F[:, None, :]  # per change of the logarithm
            p = -P[0, 2] / F[0, 0]
            N = float(t @ P[:, 0])
            mean, dh = 0.5 * (pressure + p), h - h_old
            residual = np.zeros(n + 1)
            slope = np.zeros((n + 1, n + 1))  # by the common stretch along, then each through
            scale = np.abs(P).max() + 1e6
            residual[: n - 1] = (P[1:, 2] - P[0, 2]) / scale
            slope[: n - 1, 0] = (A[1:, 2, 0] - A[0, 2, 0]) / scale
            slope[: n - 1, 1] = -A[0, 2, 2] / scale
            for i in range(1, n):
                slope[i - 1, 1 + i] += A[i, 2, 2] / scale
            residual[n - 1] = (t @ F[:, 2] - h) / h
            slope[n - 1, 1:] = t * F[:, 2] / h
            if friction is None:
                slope[n, 0] = 1.0
            else:
                push = dh + 2.0 * friction * dx
                unit = scale * t.sum()
                residual[n] = (N - force + mean * push) / unit
                slope[n, 0] = (t @ A[:, 0, 0] + 0.5 * push * (-A[0, 2, 0] / F[0, 0] - p)) / unit
                slope[n, 1:] = t * A[:, 0, 2] / unit
                slope[n, 1] -= 0.5 * push * A[0, 2, 2] / F[0, 0] / unit
            if np.abs(residual).max() < TOLERANCE:
                shear = -((N - force) + mean * dh) / (2.0 * dx)
                return new, N, p, shear
            change = np.linalg.solve(slope, -residual)
            change *= min(1.0, 0.02 / np.abs(change).max())
            new = new + np.column_stack([np.full(n, change[0]), np.zeros(n), change[1:]])
        return None
