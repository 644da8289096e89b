"""Rotation: plans that fit, weeks with tasks, and what may be said about before and after."""
