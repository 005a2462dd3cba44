"""References and evaluations by SciPy, for bench/ode/problems.ts. Reads the problems as JSON, writes JSON:

    npm run --silent solvers:table -- --problems | python3 bench/ode/peers.py > bench/ode/peers.json

Hairer and Wanner's DOPRI5 is scipy.integrate.ode's "dopri5"; DOP853, Radau and BDF are those of solve_ivp. All have their defaults, the
tolerances of the problem and no Jacobian. Evaluations are calls of the field; those of Radau and BDF are without the differences of
which they make their Jacobians, which are counted apart. "ends" are DOP853's at rtol 1e-13.
"""
import json
import re
import sys
import warnings

import numpy as np
import scipy
from scipy.integrate import ode, solve_ivp

warnings.simplefilter("ignore")


class Field:
    """The equations as a function of t and y that counts its calls."""

    def __init__(self, equations):
        names = list(equations)
        lines = [re.sub(r"\^", "**", text) for text in equations.values()]
        source = f"def f(t, y):\n    {', '.join(names)}, = y\n    return [{', '.join(lines)}]\n"
        scope = {name: getattr(np, name) for name in ("sin", "cos", "sqrt", "exp")}
        exec(source, scope)
        self.f = scope["f"]
        self.calls = 0

    def __call__(self, t, y):
        self.calls += 1
        return self.f(t, y.tolist())


def dopri5(problem, tol):
    """DOPRI5's evaluations."""
    field = Field(problem["equations"])
    start, last = problem["span"]
    solver = ode(field).set_integrator("dopri5", rtol=tol, atol=tol, nsteps=10**7)
    solver.set_initial_value(problem["y0"], start).integrate(last)
    return field.calls


def solve(problem, method, tol):
    field = Field(problem["equations"])
    atol = tol * problem.get("atol", 1)
    result = solve_ivp(field, problem["span"], problem["y0"], method=method, rtol=tol, atol=atol)
    return field.calls, result


def stiff_run(problem, method, tol):
    result = solve(problem, method, tol)[1]
    error = float(f"{relative(result, problem):.2g}") if result.status == 0 else None
    return {"evaluations": result.nfev, "jacobians": result.njev, "error": error}


def reference(problem):
    field = Field(problem["equations"])
    return solve_ivp(field, problem["span"], problem["y0"], method="DOP853", rtol=1e-13, atol=1e-15).y[:, -1].tolist()


def relative(result, problem):
    """The largest error over tolerance-sized numbers: |y - end| / (|end| + atol/rtol)."""
    end = np.array(problem["end"])
    return float(np.max(np.abs(result.y[:, -1] - end) / (np.abs(end) + problem.get("atol", 1))))


sets = json.load(sys.stdin)
tolerances, stiff_tolerances = sets["tolerances"], sets["stiffTolerances"]
out = {"scipy": scipy.__version__, "ends": {}, "evaluations": {}, "stiff": {}}
for problem in sets["detest"] + sets["classics"] + sets["others"]:
    if "end" not in problem:
        out["ends"][problem["name"]] = reference(problem)
for problem in sets["detest"] + sets["classics"]:
    print(problem["name"], file=sys.stderr)
    out["evaluations"][problem["name"]] = {
        "DOPRI5": [dopri5(problem, tol) for tol in tolerances],
        "DOP853": [solve(problem, "DOP853", tol)[0] for tol in tolerances],
    }
for problem in sets["stiff"]:
    print(problem["name"], file=sys.stderr)
    out["stiff"][problem["name"]] = {}
    for method in ("Radau", "BDF"):
        out["stiff"][problem["name"]][method] = [stiff_run(problem, method, tol) for tol in stiff_tolerances]
print(json.dumps(out, separators=(",", ":")).replace("},", "},\n"))
