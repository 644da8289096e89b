"""One file for each thing to do in chat beside asking and role-play: joins a library and its store, returns messages."""
