"""Conformance: the test suites of the W3C, a second reader for all that is written, and a second engine.

`python -m conformance` (`make conformance`) is the long form, the tests in this folder the short one.
"""
