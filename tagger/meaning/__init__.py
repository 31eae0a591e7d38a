"""Meaning: words of a text, what they weigh, vectors of texts, and which concepts are near."""

from tagger.meaning.model import ConceptNearness, Meaning

__all__ = ["ConceptNearness", "Meaning"]
