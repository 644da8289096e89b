"""Users' own documents: files in, passages out, kept in a library on disk. `bot/ingesting.py` is the caller."""
