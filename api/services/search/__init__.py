"""Searching what is stored: by words, by what they mean, and by facets."""

from api.services.search.searching import Asked, Found, Hit, search

__all__ = ["Asked", "Found", "Hit", "search"]
