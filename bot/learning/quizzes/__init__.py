"""Asking, reading what people type, grading it, and remembering when to ask again."""
