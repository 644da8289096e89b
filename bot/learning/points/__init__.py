"""Points: what a verified event earns by the rules of its day, and how figures about people are laid out."""
