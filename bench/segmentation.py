"""Measures the engines of `tagger.nlp` on the titles of the national catalogue.

    python bench/segmentation.py ../shared/data            # the default engine
    python bench/segmentation.py ../shared/data --ckip 64  # and CKIP, on a generated data directory

Seconds are CPU seconds of the process (`time.process_time`), the least of `--repeat` rounds, so that other
work on the machine counts little.
"""

import argparse
import gzip
import json
import random
import resource
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "tagger" / "nlp")]

from ckip_data import hidden_size, make_data_directory  # noqa: E402

from tagger.nlp import load_engine  # noqa: E402
from tagger.nlp.ckip import CkipTagger  # noqa: E402
from tagger.nlp.dictionary import TermDictionary  # noqa: E402
from tagger.normalise import normalise  # noqa: E402


def read_titles(shared: Path, sample: int) -> tuple[list[str], set[str]]:
    """A fixed sample of titles, and the government's terms: annotated labels and names of publishers."""
    with gzip.open(shared / "catalogue-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    terms = {row["publisher"] for row in rows}
    with (shared / "annotated-train.jsonl").open(encoding="utf-8") as lines:
        terms.update(label for line in lines for label in json.loads(line)["labels"])
    titles = [row["title"] for row in rows]
    return random.Random(0).sample(titles, min(sample, len(titles))), terms  # noqa: S311


def least_seconds(repeat: int, *works: Callable[[], object]) -> list[float]:
    """The least CPU seconds that each work took; they take turns."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(repeat):
        for work, taken in zip(works, seconds, strict=True):
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
    return [min(taken) for taken in seconds]


def kept_whole(titles: Sequence[str], terms: set[str], kept: set[str]) -> float:
    """Share of the terms standing in titles that are one token each, when `kept` is the engine's dictionary.

    Which terms stand there is found without the engine: leftmost-longest, all of `LEAST_FORCED` or more
    characters.
    """
    dictionary = TermDictionary(terms)
    whole = found = 0
    for doc in load_engine(terms=kept).pipe(titles):
        normalised = normalise(doc.text)
        spans = {(token.idx, token.idx + len(token)) for token in doc}
        for start, end in dictionary.find(normalised.text):
            found += 1
            whole += normalised.original_span(start, end, doc.text) in spans
    return whole / found


def measure_default(titles: Sequence[str], terms: set[str], repeat: int) -> dict[str, float]:
    """Load time, titles a second and terms kept whole, with and without the terms."""
    start = time.process_time()
    engine = load_engine(terms=terms)
    load = time.process_time() - start
    (cold,) = least_seconds(1, lambda: deque(engine.pipe(titles), 0))
    (warm,) = least_seconds(repeat, lambda: deque(engine.pipe(titles), 0))
    return {
        "load seconds": load,
        "titles/s, first pass": len(titles) / cold,
        "titles/s": len(titles) / warm,
        "terms kept whole": kept_whole(titles, terms, terms),
        "terms kept whole, no dictionary": kept_whole(titles, terms, set()),
        "peak memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure_ckip(titles: Sequence[str], terms: set[str], hidden: int, repeat: int) -> dict[str, float]:
    """The CKIP engine against ckiptagger called by itself on the same list, both with the same terms."""
    with tempfile.TemporaryDirectory() as folder, hidden_size(hidden):
        data = make_data_directory(Path(folder) / "data", hidden)
        start = time.process_time()
        engine = load_engine("ckip", terms=terms, data_directory=data)
        load = time.process_time() - start
    networks = cast(CkipTagger, engine.get_pipe("tagger_ckip")).networks
    recommended = networks.dictionary(dict.fromkeys(terms, 1.0))

    def alone() -> None:
        """ckiptagger by itself, on the whole list."""
        words = networks.segment(list(titles), recommend_dictionary=recommended)
        networks.recognise(words, networks.tag(words))

    own, bare = least_seconds(repeat, lambda: deque(engine.pipe(titles), 0), alone)
    return {
        "load seconds": load,
        "titles/s, engine": len(titles) / own,
        "titles/s, ckiptagger alone": len(titles) / bare,
        "engine / alone": bare / own,
    }


def main() -> None:
    """Print the figures, one a line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shared", type=Path, help="the folder of real catalogues")
    parser.add_argument("--sample", type=int, default=10_000, help="titles")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--ckip", type=int, metavar="HIDDEN", help="measure CKIP too, with this hidden size")
    parser.add_argument("--ckip-sample", type=int, default=2_000)
    options = parser.parse_args()
    titles, terms = read_titles(options.shared, options.sample)
    print(f"{len(titles)} titles, {len(terms)} terms")
    results = {"default": measure_default(titles, terms, options.repeat)}
    if options.ckip:
        few = titles[: options.ckip_sample]
        results["ckip"] = measure_ckip(few, terms, options.ckip, options.repeat)
    for engine, figures in results.items():
        for name, value in figures.items():
            print(f"{engine:8} {name:32} {value:12.3f}")


if __name__ == "__main__":
    main()
