"""Workbooks that others made, read in a process of its own: what goes wrong in it costs that process only.

Nothing here imports the rest of the application, so that the process starts fast and knows no secret.
"""

MOST_COLUMNS = 1_000
"""Columns of a table of any format; nobody keeps so many, and a file of few bytes can ask for millions."""
