"""Formats in which datasets and the vocabulary travel between systems: DCAT, SKOS, the national standard, CKAN."""
