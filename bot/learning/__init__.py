"""What people learn and what it adds up to: plain functions; the clock is handed in, stores fulfil its protocols."""
