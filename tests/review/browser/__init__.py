"""The desk in a real browser, on a registry that a real batch filled."""
