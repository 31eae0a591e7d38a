"""Logistic regression with soft targets, many outputs at once, by L-BFGS (Liu and Nocedal 1989)."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

_Matrix = npt.NDArray[np.float64]
_ITERATIONS = 150


def fit(
    design: csr_matrix | _Matrix,
    targets: _Matrix,
    row_weights: _Matrix,
    strength: float,
    tolerance: float = 1e-5,
) -> tuple[_Matrix, _Matrix]:
    """One logistic regression an output; loss is half the squared weights plus `strength` times the log loss.

    Args:
        design: shape (rows, features).
        targets: wanted probabilities, 0 to 1, shape (rows, outputs).
        row_weights: how much each row counts, shape (rows,).
        strength: the inverse of regularisation, > 0. Intercepts are not regularised.
        tolerance: relative gain of a step below which it stops.

    Returns:
        Weights, shape (features, outputs), and intercepts, shape (outputs,).
    """
    features, outputs = design.shape[1], targets.shape[1]
    transposed = design.T.tocsr() if isinstance(design, csr_matrix) else design.T
    counts = row_weights[:, None]

    def loss(point: _Matrix) -> tuple[float, _Matrix]:
        weights = point[:-outputs].reshape(features, outputs)
        scores = design @ weights + point[-outputs:]
        small = np.exp(-np.abs(scores))
        value = (counts * (np.maximum(scores, 0) - targets * scores + np.log1p(small))).sum()
        likely = np.where(scores > 0, 1, small) / (1 + small)
        slope = counts * (likely - targets)
        gradient = strength * (transposed @ slope) + weights
        return (
            strength * value + 0.5 * float((weights**2).sum()),
            np.concatenate((gradient.ravel(), strength * slope.sum(axis=0))),
        )

    options: dict[str, Any] = {"maxiter": _ITERATIONS, "ftol": tolerance, "gtol": 1e-8, "maxcor": 6}
    start = np.zeros(features * outputs + outputs)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return found[:-outputs].reshape(features, outputs), found[-outputs:]


def fit_one(design: _Matrix, wanted: npt.NDArray[np.bool_], strength: float = 1.0) -> tuple[_Matrix, float]:
    """A logistic regression of one output: weights, shape (features,), and intercept."""
    rows = len(wanted)
    weights, intercepts = fit(design, wanted[:, None].astype(float), np.ones(rows), strength, 1e-10)
    return weights[:, 0], float(intercepts[0])
