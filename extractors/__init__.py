"""Bytes to facts: what an upload and its papers say, without judging any of it.

Nothing here knows a rule, the database or Prefect. What could not be read comes back as a
`Fault` inside the facts, never as a guess.
"""
