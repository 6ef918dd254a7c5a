"""Print what was found in training data, as `spacy debug data` does."""

from typing import List

import typer
from wasabi import Printer, color
from wasabi.util import locale_escape, wrap

from ..training.debug_data.findings import Finding, Level, Section, Table, count, number_of

#: How many examples of a finding, and how many labels, are printed if not all are.
FEW_EXAMPLES = 3
FEW_ROWS = 20
SUMMARY = ((Level.good, "check"), (Level.warn, "warning"), (Level.fail, "error"))


def print_sections(sections: List[Section], *, verbose: bool, ignore_warnings: bool) -> None:
    """Print what was found, and how much of it is bad.

    sections (List[Section]): What was found.
    verbose (bool): Whether all examples are printed.
    ignore_warnings (bool): Whether warnings are left out.
    """
    # typer prints, which leaves control codes out where it is no terminal.
    msg = Printer(no_print=True)
    for section in sections:
        typer.echo(msg.divider(section.title))
        if section.table is not None:
            typer.echo(_table(msg, section.table, verbose))
        for finding in section.findings:
            if not (ignore_warnings and finding.level is Level.warn):
                typer.echo(_finding(msg, finding, verbose))
    typer.echo(msg.divider("Summary"))
    for level, noun in SUMMARY:
        n = count(sections, level)
        if n:
            passed = " passed" if level is Level.good else ""
            typer.echo(_headline(msg, level, f"{number_of(n, noun)}{passed}"))


def _table(msg: Printer, table: Table, verbose: bool) -> str:
    rows = table.rows if verbose else table.rows[:FEW_ROWS]
    cells = [[locale_escape(_cell(value)) for value in row] for row in rows]
    aligns = ["l", *("r" for _ in table.header[1:])]
    text = str(msg.table(cells, header=table.header, divider=True, aligns=aligns))
    n_others = len(table.rows) - len(rows)
    return f"{text}... and {n_others:,} more (--verbose)\n" if n_others else text


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _finding(msg: Printer, finding: Finding, verbose: bool) -> str:
    examples = finding.examples if verbose else finding.examples[:FEW_EXAMPLES]
    lines = [wrap(finding.advice, indent=2)] if finding.advice else []
    # Not wrapped, so that they can be looked for.
    lines += [f"  - {example}" for example in examples]
    if len(examples) < len(finding.examples):
        lines.append("  - ... (--verbose)")
    return "\n".join([_headline(msg, finding.level, finding.text), *map(locale_escape, lines)])


def _headline(msg: Printer, level: Level, text: str) -> str:
    # Not by msg, which counts the control codes of colours when it breaks lines.
    line = wrap(locale_escape(f"{msg.icons[level.value]} {text}"), indent=0)
    return color(line, fg=msg.colors[level.value])
