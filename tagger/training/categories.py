"""Fits the category model."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from tagger.annotated import Annotated
from tagger.categories import category_names
from tagger.classify import CategoryModel, softmax
from tagger.features import Batch, Floats, Vocabulary, ngrams
from tagger.fields import field_texts
from tagger.tagger import count_ngrams
from tagger.training.templates import folds

LEAST_DATASETS = 2
"""An n-gram in fewer datasets than this is not kept: it would only remember one of them."""
REGULARISATION = 30.0
FOLDS = 3


def fit_categories(annotated: Sequence[Annotated]) -> CategoryModel:
    """Fit on all, with the temperature found on held-out folds."""
    vocabulary = fit_vocabulary(annotated)
    return _fit(annotated, vocabulary, _temperature(annotated, vocabulary))


def fit_vocabulary(annotated: Sequence[Annotated]) -> Vocabulary:
    """The n-grams that enough datasets have, with smoothed inverse document frequencies."""
    texts, rows = [], []
    for row, dataset in enumerate(annotated):
        for field in field_texts(dataset.metadata):
            texts.append(field.normalised.text)
            rows.append(row)
    found = ngrams(texts)
    pairs = np.unique(np.stack([found.key, np.asarray(rows, np.int64)[found.text]]), axis=1)
    keys, counts = np.unique(pairs[0], return_counts=True)
    kept = counts >= LEAST_DATASETS
    idf = np.log((1 + len(annotated)) / (1 + counts[kept])) + 1
    return Vocabulary(keys[kept], idf.astype(np.float32))


def _temperature(annotated: Sequence[Annotated], vocabulary: Vocabulary) -> float:
    fold = folds([dataset.metadata.title for dataset in annotated], FOLDS)
    scores, accepted = [], []
    for held_out in range(FOLDS):
        taught = [dataset for dataset, number in zip(annotated, fold, strict=True) if number != held_out]
        tested = [dataset for dataset, number in zip(annotated, fold, strict=True) if number == held_out]
        model = _fit(taught, vocabulary, 1.0)
        if tested:
            batch = _batch(tested, vocabulary)
            scores.append(batch.scores(model.weights) + model.bias)
            accepted += [[code in dataset.accepted for code in model.codes] for dataset in tested]
    return _best_temperature(np.concatenate(scores), np.asarray(accepted))


def _best_temperature(scores: Floats, accepted: np.ndarray) -> float:
    """The temperature with the least log loss of "the first category is accepted"."""
    right = accepted[np.arange(len(scores)), scores.argmax(axis=1)]

    def loss(logarithm: float) -> float:
        confidence = softmax(scores / np.exp(logarithm)).max(axis=1).clip(1e-6, 1 - 1e-6)
        return float(-np.where(right, np.log(confidence), np.log(1 - confidence)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 4), method="bounded").x))


def _fit(annotated: Sequence[Annotated], vocabulary: Vocabulary, temperature: float) -> CategoryModel:
    codes = tuple(category_names())
    row, feature, value = _batch(annotated, vocabulary).counted()
    table = csr_matrix((value, (row, feature)), shape=(len(annotated), len(vocabulary)))
    target = np.asarray([codes.index(dataset.primary) for dataset in annotated])
    fitted = LogisticRegression(C=REGULARISATION, max_iter=200).fit(table, target)
    return CategoryModel(vocabulary, *_columns(fitted, len(vocabulary), len(codes)), codes, temperature)


def _columns(fitted: LogisticRegression, features: int, outputs: int) -> tuple[Floats, Floats]:
    """Weights and bias for all categories, those without an example far below the rest."""
    weights = np.zeros((features, outputs), dtype=np.float32)
    bias = np.full(outputs, -20.0, dtype=np.float32)
    if len(fitted.classes_) == 2:
        weights[:, fitted.classes_] = np.concatenate([-fitted.coef_, fitted.coef_]).T / 2
        bias[fitted.classes_] = np.concatenate([-fitted.intercept_, fitted.intercept_]) / 2
    else:
        weights[:, fitted.classes_] = (fitted.coef_ - fitted.coef_.mean(axis=0)).T
        bias[fitted.classes_] = fitted.intercept_
    return weights, bias


def _batch(annotated: Sequence[Annotated], vocabulary: Vocabulary) -> Batch:
    return count_ngrams(vocabulary, [list(field_texts(dataset.metadata)) for dataset in annotated])
