"""Reviewing: what waits for a decision, who is at work on it, and what was said about it. One module a subject."""
