"""The official directory of public services (DILA): fetched, read, and put beside what we know.

download -> file -> listings (door, words, times) -> matching -> importing, which writes one table.
"""
