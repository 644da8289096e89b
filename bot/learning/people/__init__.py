"""Members of staff, and how a chat account becomes one of them."""
