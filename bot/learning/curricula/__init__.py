"""Courses: who is enrolled, how far they are, what is next, and the certificate at the end. Pure; the time is handed in."""
