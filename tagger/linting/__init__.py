"""The checks behind `tagger.lint`, one module for each kind of field."""
