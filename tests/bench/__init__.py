"""Measurements of the house, printed by `python -m tests.bench` and never asserted.

Everything runs in this process, without a network, on this checkout's own content. The unit that
the rest is told in is the time that aiogram itself takes over an update which a handler ignores.
"""
