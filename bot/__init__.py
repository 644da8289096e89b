"""安训: answers safety and service questions with the clause, and plays the angry customer who owes money."""
