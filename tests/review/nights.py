"""What a night leaves on a desk, in a few lines: small invented applications, judged, with their uploads kept."""

from pathlib import Path

from review.desk import Desk
from tests.storage.desk.cases import put_blocked, put_for_review
from tests.storage.samples import ISIL, Inbox, application, statement


def put_night(desk: Desk, folder: Path) -> Inbox:
    """Enter `A-1` (blocked), `A-2` (for review), `A-3` (verified) and two personnel records."""
    inbox = Inbox.at(folder, desk.database)
    put_blocked(inbox, "A-1")
    put_for_review(inbox, "A-2", ISIL)
    inbox.put(application("A-3", people=[ISIL]), statement(ISIL, "hd99-0000-0000-zzzz"))
    inbox.run()
    keep_uploads(desk, inbox)
    return inbox


def keep_uploads(desk: Desk, inbox: Inbox) -> None:
    """Put the uploads of an inbox where the registry says that they are."""
    for uploads in inbox.facts.values():
        for upload in uploads:
            assert desk.evidence.put(repr(upload.documents).encode()) == upload.sha256
