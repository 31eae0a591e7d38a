"""Tables that people keep: CSV, XLSX and ODS with a header somewhere near the top, and any columns.

with open_table(path, required=[("資料集名稱", "資料集標題")]) as table:
    title = find_column(table.columns, ("資料集名稱", "資料集標題"))
    for row in table.rows: ...
"""

from api.readers.tables.header import find_column
from api.readers.tables.opening import MOST_BYTES, open_table
from api.readers.tables.results import Cell, Table, TableError

__all__ = ["MOST_BYTES", "Cell", "Table", "TableError", "find_column", "open_table"]
