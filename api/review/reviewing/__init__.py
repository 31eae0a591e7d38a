"""The pages on which reviewers decide. One module a page."""

from api.review.reviewing import batches, cleanup, items, queue

PAGES = (queue.blueprint, items.blueprint, batches.blueprint, cleanup.blueprint)
