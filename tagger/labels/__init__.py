"""Which semantic labels (語意標籤) a record deserves.

`texts` puts a batch into one string, `lexicon` finds every spelling of the vocabulary in it, `linear` knows
what is meant but not written, `candidates` puts both together, `ranker` says how likely a reviewer accepts
each, `evidence` says where it comes from, and `model` is the whole.
"""

from tagger.labels.model import LabelAnswer, LabelModel

__all__ = ["LabelAnswer", "LabelModel"]
