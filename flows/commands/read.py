"""`kanit read`: what the extractors see in single PDFs and images."""

import json
from pathlib import Path

import click

from extractors.facts import Document
from extractors.sandbox import Sandbox
from flows.drawing import draw_pages
from flows.errors import Exit
from flows.inspection import read_file, reading_findings
from flows.rendering import Renderer
from flows.sandboxing import open_sandbox
from flows.scanning import scan_of
from flows.session import (
    Session,
    chosen_policy,
    existing_file,
    json_option,
    language_option,
    reveal_option,
)
from validators.report import document_report


@click.command(name="read")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@reveal_option
@click.option("--no-ocr", is_flag=True, help="Do not recognise the text of scans and photographs.")
@click.option(
    "--draw",
    "pictures",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a picture of every page to DIR: words grey, fields blue, QR codes red. T.C. numbers show.",
)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    as_json: bool,
    pictures: Path | None,
    **chosen: bool,
) -> None:
    """Show kind, codes, barcode and fields of each PDF or image, with page and box.

    Ends with 0 when every file could be read and with 10 when one could not.
    """
    session: Session = ctx.obj
    settings = session.settings()
    policy = chosen_policy(settings)
    for path in files:
        existing_file(path)
    renderer = Renderer(session.language)
    unreadable = False
    with open_sandbox(settings, 1, "fork") as sandbox:
        for path in files:
            papers = read_file(
                path, sandbox, ocr=settings.ocr and not chosen["no_ocr"], scan=scan_of(settings)
            )
            unreadable = unreadable or any(paper.faults for paper in papers)
            for paper in papers:
                report = document_report(paper, reading_findings(paper, policy), reveal=chosen["reveal"])
                if as_json:
                    click.echo(json.dumps(report, ensure_ascii=False))
                else:
                    renderer.document(report)
            if pictures is not None and not papers[0].faults:
                _write_pictures(path, papers, pictures, sandbox)
    ctx.exit(Exit.FLAGGED if unreadable else Exit.OK)


def _write_pictures(path: Path, papers: tuple[Document, ...], folder: Path, sandbox: Sandbox) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(sandbox.run(draw_pages, path, papers), 1):
        (folder / f"{path.stem}-{number}.png").write_bytes(picture)
