"""From annotated files to a model directory."""

from collections.abc import Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from tagger.annotated import Annotated, AnnotationError, read_annotated
from tagger.training.categories import calibrate, examples_of, fit_categories, held_out_scores
from tagger.training.label_targets import annotation_labels
from tagger.training.labels import fit_labels
from tagger.training.mismatch import fit_mismatch
from tagger.vocabulary import Vocabulary
from tagger.weights import save_model


def train(paths: Sequence[Path], output: Path) -> str:
    """Train on annotated files, write the model directory, return its version.

    The same files give the same bits: nothing is drawn by chance, and sums run in one thread so that their
    order does not change.

    Raises:
        AnnotationError: a file cannot be used, or has too little to learn from.
    """
    annotated: list[Annotated] = [dataset for path in paths for dataset in read_annotated(path)]
    if len({dataset.primary for dataset in annotated}) < 2:
        raise AnnotationError(
            f"{', '.join(map(str, paths))}: fewer than two categories are annotated, so there is nothing to "
            "tell apart"
        )
    with threadpool_limits(1):
        examples = examples_of(annotated)
        held_out = held_out_scores(examples)
        categories = fit_categories(examples, calibrate(held_out))
        mismatches = fit_mismatch(held_out)
        labels = fit_labels(annotated, Vocabulary.read(), annotation_labels())
    arrays, documents = categories.saved()
    label_arrays, label_documents = labels.saved()
    return save_model(
        output, {**arrays, **label_arrays}, {**documents, **mismatches.saved(), **label_documents}
    )
