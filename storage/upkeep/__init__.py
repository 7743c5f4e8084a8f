"""Upkeep of a registry as a whole: looking whether it is sound, copying it, and bringing a copy back.

Nothing here changes a registry that is there: `verify_store` and `back_up` only read, `restore` writes where there is
nothing.
"""
