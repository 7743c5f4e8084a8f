"""Imported by the sandbox's fork server before all else, and by nothing else: it starts the process again.

It stands alone so that little is loaded before that.
"""

from extractors.environment import start_again_without

start_again_without()
