"""Workbooks that others made, read in a process of its own: what goes wrong in it costs that process only.

Nothing here imports the rest of the application, so that the process starts fast and knows no secret.
"""
