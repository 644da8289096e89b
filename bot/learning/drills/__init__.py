"""Running a drill: the record of what came in and what was decided, the state it folds to, and the review at the end."""
