"""The command line: which commands there are, and how every one of them ends.

A command's module is imported only when that command is asked for, so that `kanit verify`, `read` and `unpack` never
load Prefect or the database.
"""

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from io import StringIO
from typing import ClassVar

import click

from flows.errors import Exit, KanitError
from flows.foreign_errors import error_of
from flows.logs import set_up_last_words, set_up_logging
from flows.session import Session
from flows.terminal import plain, write_plainly
from flows.texts import say
from validators.identity import redact

log = logging.getLogger(__name__)


class Commands(click.Group):
    """The commands of kanit: one module of `flows.commands` each, or one of `ELSEWHERE`, which defines `command`."""

    SUMMARIES: ClassVar[dict[str, str]] = {
        "demo": "Run the nightly batch on a small sample inbox of synthetic papers.",
        "verify": "Verify one application; nothing is stored.",
        "read": "Show what the extractors see in PDFs and images.",
        "unpack": "Show what the archive walk sees in zip files.",
        "batch": "Verify every new or changed application of an inbox into the registry.",
        "queue": "Show what waits to be read and what was parked, and let it be tried afresh.",
        "rejudge": "Judge stored facts again under another policy, and tell what changes.",
        "explain": "Explain the judgement on an application: questions, clauses, answers, evidence.",
        "letter": "Write the letter that returns an application to the applicant.",
        "decide": "Enter an officer's decision on a petition for the deletion of a record.",
        "registry": "Query the registry (Kılavuz m.8).",
        "review": "Run the reviewers' web application.",
        "account": "Open, list and close accounts of the review application.",
        "audit": "Check the audit trail of the review application, and ask it who opened what.",
        "person": "Answer a data subject's request: what is kept, and its erasure (KVKK m.7, m.11).",
        "retention": "Destroy what has been kept as long as the settings say.",
        "store": "Look whether all that is kept is sound; back it up and restore it.",
        "keys": "Show the keys that seal personal data, rotate them, and drop old ones.",
        "serve": "Run server, schedule and worker on this machine, until it is told to end.",
        "metrics": "Show the registry and its batches in figures to Prometheus.",
        "deploy": "Put schedule, deployments and automations on the Prefect server.",
        "schema": "Print the JSON Schema of applications or reports.",
        "doctor": "Tell what is missing on this machine and how to get it.",
        "config": "Print the settings and where each comes from.",
    }
    ELSEWHERE: ClassVar[dict[str, str]] = {
        "review": "review.command",
        "account": "review.account_command",
        "audit": "review.audit_command",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order in which a newcomer needs them."""
        return list(self.SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the module of a command."""
        if cmd_name not in self.SUMMARIES:
            return None
        module = self.ELSEWHERE.get(cmd_name, f"flows.commands.{cmd_name}")
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type; a test loads every command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.SUMMARIES.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--debug", is_flag=True, envvar="KANIT_DEBUG", help="Log everything, tracebacks too.")
@click.version_option(package_name="kanit")
@click.pass_obj
def cli(session: Session, debug: bool) -> None:
    """Verify the papers that applicants upload to the registry of medical-device technical services.

    Every command but `registry` and `schema` ends with 0 when all is well, 10 when something was flagged or could not
    be read, 2 when it was asked wrongly and 1 after an error of its own.
    """
    session.debug = debug
    set_up_logging("DEBUG" if debug else "WARNING")


def main() -> None:
    """Run the command of `sys.argv` and end the process with its exit code."""
    write_plainly()
    set_up_last_words()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; no exception comes out."""
    session = Session()
    try:
        result = cli.main(list(arguments), prog_name="kanit", standalone_mode=False, obj=session)
        sys.stdout.flush()
        return result if isinstance(result, int) else Exit.OK
    except click.ClickException as error:
        told = StringIO()
        error.show(told)
        click.echo(plain(redact(told.getvalue())), err=True, nl=False)  # it quotes what was typed
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        return _end(error_of(error), error, session)


def _end(problem: KanitError, cause: Exception, session: Session) -> int:
    log.debug("the command ended with an error", exc_info=cause)  # seen with --debug
    language = session.language
    prefix = say("errors.prefix", language)
    click.echo(plain(redact(f"{prefix}: {problem.message(language)} [{problem.code}]")), err=True)
    if remedy := problem.remedy(language):
        click.echo(plain(redact(remedy)), err=True)
    return problem.exit_code
