"""SPARQL answered for many worlds at once, column by column.

A world is what one submission says beside what all share. A query over pyoxigraph costs the same for every
submission anew; here the rows of all of them stand in the same columns, with the number of their world, and a
join is one operation of numpy. The queries stay where they are, in `queries/`; what they mean is taken from
their algebra (SPARQL 1.1, section 18), and what a function gives is what pyoxigraph says that it gives.
"""
