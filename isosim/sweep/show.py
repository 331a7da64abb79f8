"""How far a sweep is, and what came out, in numbers."""

from __future__ import annotations

from typing import Any

from isosim.sweep.view import View

QUANTILES = (0.05, 0.5, 0.95)


def numbers(view: View) -> dict[str, Any]:
    """Counts, failures by reason and quantiles of the readings, in types of JSON."""
    run = view.connection.execute
    done, seconds = run("SELECT count(DISTINCT id), coalesce(sum(seconds), 0) FROM cases").fetchall()[0]
    failed = run("SELECT count(DISTINCT id) FROM failed").fetchall()[0][0]
    reasons = run(
        "SELECT reason, count(*) AS n FROM failed GROUP BY reason ORDER BY n DESC LIMIT 20"
    ).fetchall()
    total = view.manifest["cases"]
    return {
        "base": view.manifest["base"],
        "fidelity": view.manifest["fidelity"],
        "cases": total,
        "done": done,
        "failed": failed,
        "to_run": total - done - failed,
        "processor_seconds": round(seconds, 3),
        "reasons": [{"reason": reason, "cases": n} for reason, n in reasons],
        "readings": _quantiles(view) if done else [],
    }


def _quantiles(view: View) -> list[dict[str, Any]]:
    names = view.readings
    chosen = ", ".join(f'quantile_cont("{name}", {list(QUANTILES)})' for name in names)
    found = view.connection.execute(f"SELECT {chosen} FROM cases").fetchall()[0]
    return [
        {
            "reading": name,
            "unit": view.unit(name),
            **{f"p{round(100 * q)}": v for q, v in zip(QUANTILES, values, strict=True)},
        }
        for name, values in zip(names, found, strict=True)
    ]


def text(found: dict[str, Any]) -> str:
    """The counts as lines."""
    share = 100.0 * (found["done"] + found["failed"]) / max(1, found["cases"])
    lines = [
        f"{found['base']}, fidelity {found['fidelity']}: {found['cases']} cases, {found['done']} done, "
        f"{found['failed']} failed, {found['to_run']} to run ({share:.1f} % finished)"
    ]
    lines += [f"  failed, {entry['cases']}: {entry['reason']}" for entry in found["reasons"]]
    return "\n".join(lines)


def rows(found: dict[str, Any]) -> list[dict[str, str]]:
    """The quantiles as texts."""
    return [
        {name: f"{value:.4g}" if isinstance(value, float) else str(value) for name, value in row.items()}
        for row in found["readings"]
    ]
