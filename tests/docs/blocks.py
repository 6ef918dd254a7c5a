"""The code blocks of a page, and what the comment above each says about it."""

import re
from dataclasses import dataclass
from typing import List, Optional

#: What is run, and what is written down without a title for it.
RUN = ("python", "bash")
#: What a block right after a run one shows: its output.
OUTPUTS = ("text", "json", "jsonl")
#: What a block with a title writes.
FILES = ("csv", "tsv", "json", "jsonl", "ini", "txt", "text", "yaml", "python", "html")
#: What is looked at and not run, after `<!-- illustrates -->`.
ILLUSTRATIONS = ("powershell", "http", "yaml", "json", "jsonl", "text", "csv", "nginx", "docker")
#: How far the figures of an output may be off.
TOLERANCE = r"figures ± \d*\.\d+"
DIRECTIVES = ("keeps running", "installs", "illustrates", r"exits \d+", r"raises \w+", TOLERANCE)

_FENCE = re.compile(r"( *)(`{3,}|~{3,})(.*)")
_COMMENT = re.compile(r" *<!-- (.*) -->")
_TITLE = re.compile(r'title="([^"]*)"')


class PageError(Exception):
    """A page that says what isn't so, or that can't be read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


@dataclass
class Block:
    """A code block: what its language is and what stands in it, from which line of the page on."""

    language: str
    code: str
    line: int
    title: Optional[str] = None
    directive: str = ""
    #: The block right after it, with what it prints.
    output: Optional["Block"] = None

    @property
    def verb(self) -> str:
        return self.directive.split(" ")[0]

    @property
    def argument(self) -> str:
        return self.directive.partition(" ")[2]

    @property
    def tolerance(self) -> Optional[float]:
        return float(self.argument[2:]) if re.fullmatch(TOLERANCE, self.directive) else None


def read_blocks(text: str) -> List[Block]:
    """text (str): A page in Markdown.
    RETURNS (List[Block]): Its code blocks, outputs with the block that prints them.
    RAISES (PageError): If a block has no end, or isn't one that is tested.
    """
    blocks: List[Block] = []
    lines = text.splitlines()
    above = before = ""  # the last line with something on it, and the one before it
    number = 0
    while number < len(lines):
        match = _FENCE.fullmatch(lines[number])
        if not match:
            if lines[number].strip():
                before, above = above, lines[number]
            number += 1
            continue
        indent, fence, info = match.groups()
        first = number + 1
        ends = (i for i in range(first, len(lines)) if lines[i].strip() == fence)
        number = next(ends, len(lines))
        if number == len(lines):
            raise PageError(first, "this code block has no end")
        code = "".join(f"{line.removeprefix(indent)}\n" for line in lines[first:number])
        block = _block(info.strip(), code, first + 1, _COMMENT.fullmatch(above))
        follows = (above if block.tolerance is None else before) == "```"
        if follows and _is_output(block) and blocks[-1].output is None:
            blocks[-1].output = block
        else:
            _check(block)
            blocks.append(block)
        is_run = block.language in RUN and block.title is None
        above = "```" if is_run and block.verb != "installs" else "~~~"
        number += 1
    return blocks


def _block(info: str, code: str, line: int, comment: Optional["re.Match[str]"]) -> Block:
    title = _TITLE.search(info)
    directive = comment.group(1) if comment else ""
    if directive and not any(re.fullmatch(known, directive) for known in DIRECTIVES):
        raise PageError(line, f"there is no directive {directive!r}")
    language = info.split(" ")[0]
    return Block(language, code, line, title.group(1) if title else None, directive)


def _is_output(block: Block) -> bool:
    is_free = block.title is None and block.verb in ("", "figures")
    return block.language in OUTPUTS and is_free


def _check(block: Block) -> None:
    verb, language = block.verb, block.language
    if verb == "illustrates":
        known = language in ILLUSTRATIONS and block.title is None
    elif verb == "installs":
        known = language in ("bash", "powershell")
    elif verb == "raises":
        known = language == "python"
    elif verb == "figures":
        known = False  # only an output has them
    elif verb:
        known = language == "bash"
    elif block.title is not None:
        known = language in FILES
    else:
        known = language in (*RUN, "ini")
    if not known:
        raise PageError(block.line, f"no test is known for {language!r} {verb or 'here'}")
