"""Writes the parts of the reference that are made of the package itself: in a page, a line
`<!-- generated: NAME ARGUMENT -->` becomes what the function NAME of `GENERATORS` returns."""

import configparser
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import house
import spacy_docstrings
import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from spacy.language import Language
from thinc.api import Config

import spacy_lstm.cli
import spacy_lstm.errors

_MARK = re.compile(r"^<!-- generated: (\w+) ?(\S*) -->$", re.MULTILINE)
ROOT = Path(__file__).resolve().parent.parent.parent


def entry_points(group: str) -> List[Tuple[str, str]]:
    """group (str): A group of entry points, as `spacy_architectures`.
    RETURNS (List[Tuple[str, str]]): The names that we register there, and what they stand for.
    """
    setup = configparser.ConfigParser(delimiters="=", interpolation=None)
    setup.optionxform = str  # type: ignore[assignment,method-assign]
    setup.read(ROOT / "setup.cfg", encoding="utf8")
    lines = setup["options.entry_points"][group].strip().splitlines()
    return [(name.strip(), target.strip()) for name, target in (line.split("=") for line in lines)]


def _load(target: str) -> Any:
    module, name = target.split(":")
    return getattr(import_module(module), name)


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(header: List[str], rows: List[List[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _value(value: Any) -> str:
    """A setting as a config has it."""
    if isinstance(value, dict):
        return next((f'`{key} = "{value[key]}"`' for key in value if key[0] == "@"), "`{}`")
    return f"`{Config({'a': {'b': value}}).to_str().strip().partition(' = ')[2]}`"


def registered(group: str) -> str:
    """group (str): A group of entry points.
    RETURNS (str): A section for each: its name in a config, and its docstring.
    """
    kind = group.split("_", 1)[1]
    parts = []
    for name, target in entry_points(group):
        path = target.replace(":", ".")
        parts.append(
            f"## {name} {{#{name}}}\n\n"
            f'```{{.ini .in-config}}\n@{kind} = "{name}"\n```\n\n'
            f"::: {path}\n    options:\n      show_root_heading: false\n"
            f"      show_root_toc_entry: false\n\nIn Python: `{path}`\n"
        )
    return "\n".join(parts)


def factory(name: str) -> str:
    """name (str): The name of a factory.
    RETURNS (str): Its settings, with their defaults, and its model where none is given.
    """
    make = _load(dict(entry_points("spacy_factories"))[name])
    meta = Language.get_factory_meta(name)
    defaults = meta.default_config or {}
    _, items = spacy_docstrings.read_docstring(str(inspect.getdoc(make)))
    rows = [
        [f"`{item.name}`", f"`{item.type}`", _value(defaults[item.name]), item.text]
        for item in items
        if item.name in defaults
    ]
    model = Config({"model": defaults["model"]}).to_str().strip()
    return (
        f"Sets {', '.join(f'`{attr}`' for attr in meta.assigns)}.\n\n"
        f"{_table(['setting', 'type', 'default', 'what it is'], rows)}\n\n"
        f'??? note "The model where nothing else is said"\n\n'
        + "\n".join(f"    {line}" for line in ["```ini", *model.splitlines(), "```"])
    )


def errors(_: str) -> str:
    """RETURNS (str): All errors and warnings, by their codes."""
    parts = []
    for title, codes in (
        ("Errors", spacy_lstm.errors.Errors),
        ("Warnings", spacy_lstm.errors.Warnings),
    ):
        found = {name for base in codes.__mro__ for name in vars(base) if re.match(r"L\w*\d", name)}
        rows = [
            # The placeholders are what a message says of the case at hand.
            [f'<span id="{code}">{code}</span>', _message(getattr(codes, code), code)]
            for code in sorted(found)
        ]
        parts.append(f"## {title}\n\n{_table(['code', 'what it says'], rows)}")
    return "\n\n".join(parts)


def _message(text: str, code: str) -> str:
    text = text.removeprefix(f"[{code}] ")
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else _plain(p) for p in pieces)


def _plain(text: str) -> str:
    text = re.sub(r"([*_<>\[\]\\])", r"\\\1", text).replace("{{", "{").replace("}}", "}")
    return re.sub(r"\{([\w.]*)[^}]*\}", r"*\1*", text)


def commands(_: str) -> str:
    """RETURNS (str): What `--help` says of each command."""
    group: Any = typer.main.get_command(spacy_lstm.cli.lstm_cli)
    return "\n\n".join(_command(name, group.commands[name]) for name in sorted(group.commands))


def _command(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(["python -m spacy lstm", name, *command.collect_usage_pieces(context)])
    parts = [f"## {name}", f"```{{.text .no-copy}}\n{usage}\n```", inspect.cleandoc(command.help)]
    rows = [[f"`{p.name}`", "", p.help or ""] for p in _params(command, "argument")]
    for option in _params(command, "option"):
        opts = ", ".join(f"`{opt}`" for opt in (*option.opts, *option.secondary_opts))
        default = option.default() if callable(option.default) else option.default
        has_none = default is None or default is False or default == "" or option.required
        shown = "" if has_none else f"`{default}`"
        rows.append([opts, shown, option.help or ""])
    return "\n\n".join([*parts, _table(["argument or option", "default", "what it is"], rows)])


def _params(command: Any, kind: str) -> Iterator[Any]:
    return (p for p in command.params if p.param_type_name == kind and not p.hidden)


def changelog(_: str) -> str:
    """RETURNS (str): The changelog, with its links as they are from here."""
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf8").replace("](docs/", "](")


def picture_of_the_house(_: str) -> str:
    """RETURNS (str): The parts of the package, and what they import."""
    return f'<figure class="picture">\n{house.draw()}\n</figure>'


GENERATORS: Dict[str, Callable[[str], str]] = {
    "changelog": changelog,
    "commands": commands,
    "errors": errors,
    "factory": factory,
    "house": picture_of_the_house,
    "registered": registered,
}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Called by MkDocs with each page.

    RETURNS (str): The page with its generated parts.
    """
    return _MARK.sub(lambda mark: GENERATORS[mark.group(1)](mark.group(2)), markdown)
