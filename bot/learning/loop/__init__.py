"""The loop: what each person's answers, calls, questions, drills and hazards say about the next lesson."""
