"""The tables: what is waiting, what was read, what was judged, and the registry itself.

Everything that tells about a person is `Sealed` (see `storage.columns` and `storage.keys`): T.C. numbers, names,
titles (a sole trader's holds a name), file names, and the facts read from papers. `Digest` columns find a sealed value
again. Codes, dates, decisions and states are plain, so that the work can be followed with any SQL tool.

Column names that end in `_key` are foreign keys; `application_id` is always the applicant's id of the contract.

Tables are imported from here: foreign keys speak of tables by name, so all must be known before one is used.
"""

from storage.models.desk import (
    AccountRow,
    AuditLine,
    AuditMark,
    CaseReason,
    CaseState,
    ClaimRow,
    CorrectionRow,
    DeskCase,
    Role,
    RulingKind,
    RulingRow,
    RulingState,
    RulingText,
    SavedView,
    SessionRow,
)
from storage.models.judgements import FindingRow, JudgedPerson, JudgementRow, RecordDecision, Ruling
from storage.models.keys import IndexMove, KeyEra
from storage.models.readings import (
    ApplicationRow,
    ApplicationState,
    DocumentRow,
    IssuerAnswerRow,
    UploadRow,
    Version,
)
from storage.models.registry import (
    RUNNING,
    Basis,
    Employment,
    Person,
    Provider,
    ProviderWorkplace,
    RegistryState,
    Standing,
)
from storage.models.retention import CondemnedFile, Destruction
from storage.models.runs import KeyMark, Run, RunEnd

__all__ = [
    "RUNNING",
    "AccountRow",
    "ApplicationRow",
    "ApplicationState",
    "AuditLine",
    "AuditMark",
    "Basis",
    "CaseReason",
    "CaseState",
    "ClaimRow",
    "CondemnedFile",
    "CorrectionRow",
    "DeskCase",
    "Destruction",
    "DocumentRow",
    "Employment",
    "FindingRow",
    "IndexMove",
    "IssuerAnswerRow",
    "JudgedPerson",
    "JudgementRow",
    "KeyEra",
    "KeyMark",
    "Person",
    "Provider",
    "ProviderWorkplace",
    "RecordDecision",
    "RegistryState",
    "Role",
    "Ruling",
    "RulingKind",
    "RulingRow",
    "RulingState",
    "RulingText",
    "Run",
    "RunEnd",
    "SavedView",
    "SessionRow",
    "Standing",
    "UploadRow",
    "Version",
]
