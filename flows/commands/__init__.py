"""One module a command; each defines `command` and is imported only when that command runs."""
