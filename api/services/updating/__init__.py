"""Keeping the catalogue up to date: what a file says merged into what is stored, and what that changed."""
