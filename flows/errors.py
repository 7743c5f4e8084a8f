"""What ends a command, and with which exit code.

    KanitError                       1
    ├── InternalError                1   a fault of kanit's own; the log of --debug has the traceback
    ├── RegistryUnusable             1   database, key or evidence store cannot be used
    ├── BackupImpossible             1   no backup can be made, or not there
    ├── RestoreImpossible            1   a backup is not whole, or cannot be restored there
    ├── RotationImpossible           1   keys cannot be rotated, or a key not be dropped, as things are
    ├── DatabaseAway                 1   the database went away while it was used, or is busy for long
    ├── DiskFull                     1   no space is left for the database, the evidence or a file of the batch
    ├── PrefectUnusable              1   Prefect's server does not start or does not answer
    ├── AddressTaken                 1   another program listens at the address that a server was to have
    ├── InboxUnreadable              1   the inbox cannot be listed
    ├── SandboxLacking               1   the settings require walls around the sandbox that the machine has not
    ├── ScannerSilent                1   clamd, which the settings name, does not answer
    ├── ScannerLimited               1   a file is larger than clamd looks at
    ├── DemoUnavailable              1   the packages that draw the demo's papers are missing
    └── UsageFault                   2
        ├── FolderMissing            2   the folder of an application or an inbox does not exist
        ├── FolderUnwritable         2   files cannot be written into a folder
        ├── ExportUnwritable         2   the file for a person's data cannot be written, or is there already
        ├── LetterUnwritable         2   the file for the letter cannot be written
        ├── AddressUnusable          2   nothing here opens the address of an inbox or evidence store
        ├── AddressWithPassword      2   a password stands in the address of an inbox on the command line
        ├── FileMissing              2   a file to read does not exist
        ├── QueryMissing             2   a search for nothing, or for several things at once
        ├── NameIncomplete           2   a search for a single word of a name
        ├── ApplicationUnknown       2   the registry holds no application of that id
        ├── ApplicationNotJudged     2   the application was taken in but never judged
        ├── NumberMissing            2   a search for a number without a number, or with several
        ├── NationalIdInvalid        2   a search for a T.C. number whose check digits do not hold
        ├── InputUnreadable          2   standard input is not UTF-8
        ├── DecisionIncomplete       2   a decision without the officer's name or without a reason
        ├── NothingToRetry           2   an application to be tried again that is neither parked nor resting
        ├── RetryUnclear             2   neither applications to be tried again nor all of them, or both
        ├── NothingToDecide          2   no judged application of that id
        ├── DecisionNotForeseen      2   an application of a procedure that officers do not decide so
        ├── AlreadyDecided           2   the application was decided before
        ├── PetitionerNotCreator     2   a deletion that the maker of the record did not ask for cannot be approved
        ├── RecordNotFound           2   there is no record to delete
        ├── RecordChanged            2   the record changed after the petition
        └── SettingUnusable          2   a setting is unknown or has an unusable value
            ├── PolicyUnusable       2   there is no such policy, or it cannot be used
            ├── ServerUnprotected    2   a server for other machines without a password
            ├── ServerNotNamed       2   a worker alone, and nobody said of which server
            └── NotifyBlockMissing   2   the notification block of the settings is not on the server

Messages stand in `texts/{tr,en}.toml` under `errors.CODE`, each with a remedy. `flows.foreign_errors` maps the
exceptions of other packages; `flows.cli` is the one place that turns an error into an exit.
"""

from enum import IntEnum
from errno import errorcode
from typing import ClassVar

from extractors.clamd import ScanLimit, ScannerUnavailable
from flows.texts import Language, catalogue, say
from storage.errors import StorageError


class Exit(IntEnum):
    """Exit codes of the public contract, section 2."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    FLAGGED = 10
    """Something was flagged, unreadable or missing; the command itself worked."""
    INTERRUPTED = 130
    """Ctrl-C, by the shell's convention."""


class KanitError(Exception):
    """Base of the errors that end a command. `facts` fill the places of its message."""

    exit_code: ClassVar[Exit] = Exit.INTERNAL
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, **facts: str) -> None:
        self.facts = facts
        super().__init__(f"{self.code} {facts}")

    def message(self, language: Language) -> str:
        """Say in one sentence what is wrong."""
        return say(f"errors.{self.code}.message", language, **self.facts)

    def remedy(self, language: Language) -> str:
        """Say what to do about it."""
        return say(f"errors.{self.code}.remedy", language, **self.facts)


class InternalError(KanitError):
    """A fault of kanit's own: an exception that nothing foresaw."""


class Quoting(KanitError):
    """An error that tells, in the reader's language, what the storage package says: by `cause`, or by `facts`."""

    def __init__(self, cause: StorageError | None = None, **facts: str) -> None:
        self._cause = cause
        super().__init__(**(facts if cause is None else {"reason": str(cause), "remedy": cause.remedy}))

    def message(self, language: Language) -> str:
        """Say in one sentence what is wrong."""
        reason = {"reason": self._cause.message_in(language)} if self._cause else {}
        return say(f"errors.{self.code}.message", language, **{**self.facts, **reason})

    def remedy(self, language: Language) -> str:
        """Say what to do about it."""
        remedy = {"remedy": self._cause.remedy_in(language)} if self._cause else {}
        return say(f"errors.{self.code}.remedy", language, **{**self.facts, **remedy})


class RegistryUnusable(Quoting):
    """The registry database, its key or the evidence store cannot be used."""

    code = "REGISTRY_UNUSABLE"


class BackupImpossible(Quoting):
    """No backup can be made, or not where it was to be."""

    code = "BACKUP_IMPOSSIBLE"


class RestoreImpossible(Quoting):
    """A backup is not whole, or cannot be restored there."""

    code = "RESTORE_IMPOSSIBLE"


class RotationImpossible(Quoting):
    """Keys cannot be rotated, or a key not be dropped, as things are."""

    code = "ROTATION_IMPOSSIBLE"


class DatabaseAway(KanitError):
    """The registry database went away while it was used, or others keep it busy."""

    code = "DATABASE_AWAY"


class DiskFull(KanitError):
    """No space is left on a disk, or for this user on it."""

    code = "DISK_FULL"


class PrefectUnusable(KanitError):
    """Prefect's server does not start, or the one of PREFECT_API_URL does not answer."""

    code = "PREFECT_UNUSABLE"


class AddressTaken(KanitError):
    """Another program listens at the address that a server was to have."""

    code = "ADDRESS_TAKEN"


class Refusal(KanitError):
    """The machine, or a store, refused something; its `reason` is told in the reader's language."""

    def __init__(self, error: OSError, **facts: str) -> None:
        self._reason = f"system.{errorcode.get(error.errno or 0)}"
        super().__init__(reason=error.strerror or type(error).__name__, **facts)

    def message(self, language: Language) -> str:
        """Say in one sentence what is wrong; in the machine's own words where its reason is a rare one."""
        reason = catalogue(language).get(self._reason, self.facts["reason"])
        return say(f"errors.{self.code}.message", language, **{**self.facts, "reason": reason})


class InboxUnreadable(Refusal):
    """The inbox cannot be listed: it is not there, may not be read, or its store cannot be reached."""

    code = "INBOX_UNREADABLE"


class SandboxLacking(KanitError):
    """The settings require walls around the sandbox that this machine has not."""

    code = "SANDBOX_LACKING"


class ScannerSilent(KanitError):
    """The scanner for malware that the settings name cannot be reached or keeps silent: nothing is opened unscanned."""

    code = ScannerUnavailable.code


class ScannerLimited(KanitError):
    """A file is more than the scanner's settings let it look at: nothing is opened unscanned."""

    code = ScanLimit.code


class DemoUnavailable(KanitError):
    """The packages that draw the demo's papers are not installed."""

    code = "DEMO_UNAVAILABLE"


class UsageFault(KanitError):
    """What was asked for cannot be asked for like this."""

    exit_code = Exit.USAGE


class FolderMissing(UsageFault):
    """The folder does not exist or is no folder."""

    code = "FOLDER_MISSING"


class FolderUnwritable(Refusal, UsageFault):
    """Files cannot be written into the folder that was named for them."""

    code = "FOLDER_UNWRITABLE"


class AddressUnusable(UsageFault):
    """Nothing here opens such an address; most often a package is not installed."""

    code = "ADDRESS_UNUSABLE"


class AddressWithPassword(UsageFault):
    """A password in an inbox's address would be shown by `ps`, kept by the shell, and told to Prefect."""

    code = "ADDRESS_WITH_PASSWORD"


class FileMissing(UsageFault):
    """The file does not exist or is no file."""

    code = "FILE_MISSING"


class QueryMissing(UsageFault):
    """A search was asked for without anything to search for, or for several things at once."""

    code = "QUERY_MISSING"


class NameIncomplete(UsageFault):
    """A search for one word of a name; Kılavuz m.8(1)(ç) asks for given and family name."""

    code = "NAME_INCOMPLETE"


class ApplicationUnknown(UsageFault):
    """The registry holds no application of that id."""

    code = "APPLICATION_UNKNOWN"


class ApplicationNotJudged(UsageFault):
    """The application waits for its first judgement, or could not be read for a technical reason."""

    code = "APPLICATION_NOT_JUDGED"


class LetterUnwritable(Refusal, UsageFault):
    """The file into which a letter was to go cannot be written."""

    code = "LETTER_UNWRITABLE"


class ExportUnwritable(Refusal, UsageFault):
    """The file into which a person's data were to go cannot be written, or is there already."""

    code = "EXPORT_UNWRITABLE"


class NumberMissing(UsageFault):
    """A search by a number found none on standard input, or several where it takes one."""

    code = "NUMBER_MISSING"


class NationalIdInvalid(UsageFault):
    """A search for a T.C. number whose check digits do not hold, and which nobody has."""

    code = "NATIONAL_ID_INVALID"


class InputUnreadable(UsageFault):
    """Standard input is not text in UTF-8."""

    code = "INPUT_UNREADABLE"


class DecisionIncomplete(UsageFault):
    """A decision without the officer's name, or without a reason."""

    code = "DECISION_INCOMPLETE"


class NothingToRetry(UsageFault):
    """An application is to be tried again that is neither parked nor resting after a failure."""

    code = "NOTHING_TO_RETRY"


class RetryUnclear(UsageFault):
    """It was not said which applications are to be tried again, or it was said twice."""

    code = "RETRY_UNCLEAR"


class NothingToDecide(UsageFault):
    """There is no judged application of that id."""

    code = "NOTHING_TO_DECIDE"


class DecisionNotForeseen(UsageFault):
    """The application is of a procedure that officers do not decide so."""

    code = "DECISION_NOT_FORESEEN"


class AlreadyDecided(UsageFault):
    """The application was decided before."""

    code = "ALREADY_DECIDED"


class PetitionerNotCreator(UsageFault):
    """A deletion that somebody else than the maker of the record asks for cannot be approved (Kılavuz m.4(3))."""

    code = "PETITIONER_NOT_CREATOR"


class RecordNotFound(UsageFault):
    """There is no personnel record that could be deleted."""

    code = "RECORD_NOT_FOUND"


class RecordChanged(UsageFault):
    """The person changed the record after signing the petition."""

    code = "RECORD_CHANGED"


class SettingUnusable(Quoting, UsageFault):
    """A setting is unknown or its value is not usable."""

    code = "SETTING_UNUSABLE"


class PolicyUnusable(SettingUnusable):
    """There is no such policy, or it cannot be used; `fault` (`validators.policy.PolicyFault`) chooses the words."""

    code = "POLICY_UNUSABLE"

    def __init__(self, fault: str, **facts: str) -> None:
        self._fault = fault
        super().__init__(None, **facts)

    def message(self, language: Language) -> str:
        """Say in one sentence what is wrong, and with which policy."""
        reason = say(f"policy.{self._fault}", language, **self.facts)
        return say(f"errors.{self.code}.message", language, reason=reason)


class ServerUnprotected(SettingUnusable):
    """Prefect's server was to listen to other machines without asking for a password."""

    code = "SERVER_UNPROTECTED"


class ServerNotNamed(SettingUnusable):
    """A worker was to be started alone, and PREFECT_API_URL names no server."""

    code = "SERVER_NOT_NAMED"


class NotifyBlockMissing(SettingUnusable):
    """The server has no notification block of the name in the setting `notify_block`."""

    code = "NOTIFY_BLOCK_MISSING"
