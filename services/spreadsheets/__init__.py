"""Spreadsheets as departments keep them: read, understood, imported, and given back.

- `files.open_book(path)`: a `Book` of `Sheet`s, whose `rows()` are `Row(number, values, hidden)`; numbers count from 1.
- `headers.find_table(sheet, wanted)`: a `Table`: its `columns` (name to index), `rows()`, `cells(row)`.
- `cells`: one reader for each kind of cell, `read(value, setting)`; it raises Unreadable, which never holds the value.
- `columns`, `importing`: a sheet of one event type; `marking`: the office's own file back; `templates`: an empty one.
"""
