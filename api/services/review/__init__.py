"""Reviewing: the queue, one item, decisions and what follows from them. One module a use case."""
