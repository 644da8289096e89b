"""Subcommands of `anxun` for the learning system, one file a part. Heavy parts load inside each command."""
