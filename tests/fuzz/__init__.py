"""Fuzzing: what strangers can send, mutated without end.

Each test states what must hold for any input: a typed answer or a typed refusal, never another exception, never a
hang, and nothing read that is not there. `pytest` runs some examples of each; `python -m tests.fuzz --seconds 600`
goes on with new ones for as long as asked, and shrinks what fails.
"""
