"""What no single table answers: editions, overlap, networks, equality, targets, monitoring, evaluation.

Each analysis is a function from a store to a value of its own, and that value gives an `Answer`.
"""
