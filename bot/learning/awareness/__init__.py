"""Keeping people alert between lessons: a slogan a day, posters, cases to talk about, a look before one goes."""
