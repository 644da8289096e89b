"""Contests: an event-sourced state machine. The state is a fold of the log, and points come from the log alone."""
