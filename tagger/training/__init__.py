"""Builds the shipped weights from annotated data. Needs scikit-learn; nothing outside imports it at start."""
