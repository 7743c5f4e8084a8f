"""The review application over HTTP, as in `tests.review`."""

from tests.review.conftest import desk, desk_settings, visit

__all__ = ["desk", "desk_settings", "visit"]
