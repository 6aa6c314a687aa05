"""What updates and uploaded graphs make of the graphs of one's own; nothing is written here.

`changing` works it out in a worker, `bpsgraph.acceptance.Register.change_graphs` records and stores it.
"""
