"""Measures `tagger.meaning` on the titles of the national catalogue.

    python bench/meaning.py ../shared/data              # speed, size, and neighbours to read
    python bench/meaning.py ../shared/data --teacher    # and those of the teacher (extra `train`)
    python bench/meaning.py ../shared/data --held-out   # labels as queries for titles that were not learned from

`--held-out` learns from half of the annotated titles and asks the other half: for each label the ten nearest
titles among those that do not contain it, nDCG@10 over what annotators gave the label.
"""

import argparse
import re
import resource
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tagger.meaning import Meaning  # noqa: E402
from tagger.meaning.model import SHIPPED_MEANING  # noqa: E402
from tagger.simplify import fold  # noqa: E402
from tagger.training.meaning import word_rows  # noqa: E402
from tagger.training.meaning_vectors import teacher_vectors, unit  # noqa: E402
from tagger.training.meaning_words import AnnotatedTitle, build_words, read_material, read_titles  # noqa: E402
from tagger.vocabulary import Vocabulary  # noqa: E402

QUERIES = (
    *("租房子", "找工作", "看病", "塞車", "颱風淹水"),
    *("托嬰", "考證照", "老人共餐", "路邊停車", "流浪狗"),
)
LEAST_TITLES = 3
"""A label is asked where so many titles have it and do not contain it."""
Scores = Callable[[str], npt.NDArray[Any]]


def bigrams(text: str) -> list[str]:
    """The character bigrams of a folded text."""
    compact = text.replace(" ", "")
    return [compact[at : at + 2] for at in range(len(compact) - 1)] or [compact]


def bm25(titles: Sequence[str]) -> Scores:
    """BM25 on character bigrams, k1 = 1.2, b = 0.75 (Robertson and Zaragoza 2009)."""
    numbers: dict[str, int] = {}
    counts = [Counter(numbers.setdefault(gram, len(numbers)) for gram in bigrams(title)) for title in titles]
    rows = np.repeat(np.arange(len(titles)), [len(count) for count in counts])
    columns = np.asarray([column for count in counts for column in count])
    often = np.asarray([value for count in counts for value in count.values()], np.float32)
    lengths = np.bincount(rows, often, len(titles))
    value = often * 2.2 / (often + 1.2 * (0.25 + 0.75 * lengths / lengths.mean())[rows])
    have = np.bincount(columns, minlength=len(numbers))
    value *= np.log(1 + (len(titles) - have + 0.5) / (have + 0.5))[columns]
    table = csr_matrix((value, (rows, columns)), shape=(len(titles), len(numbers))).tocsc()

    def scores(query: str) -> npt.NDArray[Any]:
        chosen = [numbers[gram] for gram in bigrams(fold(query).text) if gram in numbers]
        return np.asarray(table[:, chosen].sum(axis=1)).ravel()

    return scores


def show(name: str, titles: Sequence[str], scores: Scores) -> None:
    """The five best titles of each query, one of those that differ in numbers or places only."""
    print(f"\n== {name}")
    for query in QUERIES:
        best: dict[str, str] = {}
        for at in np.argsort(-scores(query), kind="stable"):
            best.setdefault(re.sub(r"\d+|..[市縣]", "", titles[at])[:12], titles[at])
            if len(best) == 5:
                break
        print(query, "|", " / ".join(title[:28] for title in best.values()))


def speed(meaning: Meaning, titles: Sequence[str]) -> None:
    """CPU seconds: the least of three rounds."""

    def least(work: Callable[[], object]) -> float:
        taken = []
        for _ in range(3):
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
        return min(taken)

    size = sum(path.stat().st_size for path in SHIPPED_MEANING.iterdir())
    print(f"version {meaning.version}, {meaning.dimensions} dimensions, {size / 1e6:.1f} MB")
    print(f"load {least(Meaning.load):.3f} s")
    print(f"words {len(titles) / least(lambda: [meaning.words(title) for title in titles]):,.0f} titles/s")
    print(f"vectors {len(titles) / least(lambda: meaning.vectors(titles)):,.0f} titles/s")
    queries = titles[:500]
    print(f"concepts {least(lambda: [meaning.concepts(query) for query in queries]) / 500 * 1000:.2f} ms")
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB (with the titles)")


def held_out(shared: Path) -> None:
    """nDCG@10 of labels as queries; see the module."""
    material = read_material(shared)
    vocabulary = Vocabulary.read()
    words = build_words(material, vocabulary)
    halves: list[list[AnnotatedTitle]] = [[], []]
    for title in material.annotated:
        halves[zlib.crc32(re.sub(r"\d+", "#", title.text).encode()) % 2].append(title)
    rows = word_rows(words, material._replace(annotated=halves[0]), vocabulary)
    asked = [title.text for title in halves[1]]
    given = Counter(label for title in halves[1] for label in title.labels)
    labels = sorted(label for label, count in given.items() if count >= LEAST_TITLES)
    found = unit(words.matrix([fold(label).text for label in labels]) @ rows)
    by_words = unit(words.matrix(asked) @ rows)
    print(f"vectors {_judge(halves[1], labels, found @ by_words.T):.3f}")
    teacher = teacher_vectors([fold(label).text for label in labels]) @ teacher_vectors(asked).T
    print(f"teacher {_judge(halves[1], labels, teacher):.3f}")
    literal = bm25(asked)
    print(f"BM25    {_judge(halves[1], labels, np.stack([literal(label) for label in labels])):.3f}")


def _judge(titles: Sequence[AnnotatedTitle], labels: Sequence[str], scores: npt.NDArray[Any]) -> float:
    gains = 1 / np.log2(np.arange(2, 12))
    values = []
    for label, row in zip(labels, scores, strict=True):
        written = np.asarray([fold(label).text in title.text for title in titles])
        right = np.asarray([label in title.labels for title in titles]) & ~written
        if right.sum() >= LEAST_TITLES:
            best = np.argsort(-np.where(written, -np.inf, row), kind="stable")[:10]
            values.append((right[best] * gains).sum() / gains[: right.sum()].sum())
    print(f"{len(values)} labels", end=" ")
    return float(np.mean(values))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--teacher", action="store_true")
    parser.add_argument("--held-out", action="store_true")
    arguments = parser.parse_args()
    with threadpool_limits(1):
        if arguments.held_out:
            held_out(arguments.shared)
            return
        titles = read_titles(arguments.shared)
        meaning = Meaning.load()
        speed(meaning, titles)
        matrix = meaning.vectors(titles).astype(np.float32)
        show("vectors", titles, lambda query: matrix @ meaning.vectors([query])[0].astype(np.float32))
        show("BM25 on bigrams", titles, bm25([fold(title).text for title in titles]))
        if arguments.teacher:
            taught = teacher_vectors(titles)
            show("teacher", titles, lambda query: taught @ teacher_vectors([query])[0])


if __name__ == "__main__":
    main()
