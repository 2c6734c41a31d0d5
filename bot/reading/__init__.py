"""Text in, nodes with places out: YAML and CSV, problems, and "did you mean".

The only room that knows the YAML library. Nothing here knows what a flow is.
"""
