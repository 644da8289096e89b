"""Makes drafts of quiz items from cards, cases and answers, for somebody to read and keep or drop.

Each generator checks itself: the right answer stands in the source, no wrong one is right there too, and nothing in the
stem gives the answer away.
"""
