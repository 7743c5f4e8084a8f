"""The faults: mutmut's operators applied to every expression of a file, and the code that they give."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import NEVER_MUTATE_FUNCTION_NAMES, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode


@dataclass(frozen=True)
class Fault:
    """One change at one place.

    `lines` are those of the smallest statement (its head, for a block) in which the place lies: a test that runs none
    of them cannot notice the fault. `number` counts the faults of a file.
    """

    path: str
    number: int
    line: int
    lines: tuple[int, int]

    @property
    def source(self) -> str:
        """The whole file with the fault in it."""
        module, changes = _parsed(self.path)
        change = changes[self.number]
        changed = module.deep_replace(change.before, change.after)
        assert isinstance(changed, cst.Module)
        return changed.code

    @property
    def difference(self) -> str:
        """What the fault changes: the lines before, marked with -, and after, marked with +."""
        before, after = _parsed(self.path)[0].code.splitlines(), self.source.splitlines()
        lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[3:]
        return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


@dataclass(frozen=True)
class _Change:
    before: cst.CSTNode
    after: cst.CSTNode
    line: int
    last: int


class _Finder(MutationVisitor):
    """mutmut's visitor, which here also enters decorated functions: nothing is defined twice by an exchange."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            return node.name.value in NEVER_MUTATE_FUNCTION_NAMES
        return super()._skip_node_and_children(node)


def faults_of(path: Path) -> list[Fault]:
    """Return the faults of a file, in the order of their places."""
    _, changes = _parsed(str(path))
    statements = sorted(_statements(ast.parse(path.read_text())), key=lambda span: span[1] - span[0])
    return [
        Fault(str(path), number, change.line, _smallest(statements, change.line, change.last))
        for number, change in enumerate(changes)
    ]


@cache
def _parsed(path: str) -> tuple[cst.Module, list[_Change]]:
    wrapper = MetadataWrapper(cst.parse_module(Path(path).read_text()))
    finder = _Finder(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(finder)
    positions = wrapper.resolve(PositionProvider)
    changes = []
    for mutation in finder.mutations:
        place = positions[mutation.original_node]
        changes.append(
            _Change(mutation.original_node, mutation.mutated_node, place.start.line, place.end.line)
        )
    return wrapper.module, changes


def _statements(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each statement; of a block only its head."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None) or getattr(node, "cases", None)
            last = (
                body[0].lineno - 1
                if isinstance(body, list) and hasattr(body[0], "lineno")
                else node.end_lineno
            )
            yield node.lineno, max(node.lineno, last or node.lineno)


def _smallest(statements: list[tuple[int, int]], line: int, last: int) -> tuple[int, int]:
    """Return the shortest of the statements that hold the lines, or these lines themselves."""
    return next(((start, end) for start, end in statements if start <= line and last <= end), (line, last))
