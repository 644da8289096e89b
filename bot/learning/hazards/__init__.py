"""Hazard reports: understanding what was said, what may follow on what, and figures about it all."""
