"""Mutation testing of the rules: one small fault at a time, and whether a test notices it.

The faults are those of mutmut (`mutmut.mutation.mutators`). They are tried here and not by mutmut's own runner for two
reasons: mutmut starts pytest's collection anew for each fault, which with thousands of tests takes longer than the
tests, and it leaves out decorated functions and everything that stands outside functions. Here a fault in a function
is exchanged in a fork of one collected test session (`warm`); a fault in what runs while modules are imported is
tried in a fork that imports the project anew (`cold`). The files themselves are never changed.
"""
