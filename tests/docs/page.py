"""Runs all the code of a page, in its order, in a folder that looks like a clone."""

import contextlib
import io
import os
import shutil
from pathlib import Path
from typing import Any, Dict

from thinc.api import fix_random_seed

from .blocks import Block, PageError, read_blocks
from .outputs import check_all
from .shell import Shell
from .unrun import ROOT, check_config_part, check_installs

PAGES = sorted((ROOT / "docs").rglob("*.md"))
#: Commands may write here, so each page has its own.
COPIED = ("corpus", "project")
LINKED = ("spacy_lstm", "benchmarks", "setup.cfg")
_MADE = shutil.ignore_patterns("assets", "corpora", "training", "metrics", "packages", "*.lock")


def run_page(path: Path, folder: Path) -> None:
    """path (Path): A page in Markdown.
    folder (Path): An empty folder.
    RAISES (PageError): If some code of it doesn't do what it says.
    """
    blocks = read_blocks(path.read_text(encoding="utf8"))
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=_MADE)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    names: Dict[str, Any] = {"__name__": "__main__"}
    fix_random_seed(0)
    before = Path.cwd()
    os.chdir(folder)
    try:
        with Shell(folder) as shell:
            for block in blocks:
                _run_block(block, path, shell, names)
    finally:
        os.chdir(before)


def _run_block(block: Block, path: Path, shell: Shell, names: Dict[str, Any]) -> None:
    if block.verb == "illustrates":
        return
    if block.verb == "installs":
        check_installs(block)
    elif block.title is not None:
        _write(block, shell.folder)
    elif block.language == "ini":
        check_config_part(block)
    elif block.verb == "keeps":
        shell.serve(block)
    elif block.language == "bash":
        shell.run(block)
    else:
        _run_python(block, path, shell, names)


def _write(block: Block, folder: Path) -> None:
    target = (folder / str(block.title)).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise PageError(block.line, f"{block.title} isn't in the folder of the page")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(block.code, encoding="utf8")


def _run_python(block: Block, path: Path, shell: Shell, names: Dict[str, Any]) -> None:
    # On the lines of the page, so that a traceback shows where it is.
    source = "\n" * (block.line - 1) + shell.with_port(block.code)
    code = compile(source, str(path), "exec", dont_inherit=True)
    printed = io.StringIO()
    raised = said = ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(code, names)
        except Exception as err:
            raised = type(err).__name__
            if block.verb != "raises" or raised != block.argument:
                raise PageError(block.line, f"{raised}: {err}\n{printed.getvalue()}") from err
            said = f"{raised}: {err}\n"
    if block.verb == "raises" and not raised:
        raise PageError(block.line, f"no {block.argument} is raised")
    check_all(block.output, printed.getvalue() + said)
