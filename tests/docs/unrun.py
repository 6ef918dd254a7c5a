"""What can be told of a block without running it: parts of configs, and commands that install."""

import configparser
import inspect
import re
import shlex
from pathlib import Path
from typing import Any, Dict, List

import spacy
from spacy.language import Language
from spacy.util import registry
from thinc.api import Config

from .blocks import Block, PageError

ROOT = Path(__file__).resolve().parent.parent.parent
INSTALLERS = ("pip", "make", "docker", "apt", "apt-get", "cd", "source", ".")


def check_config_part(block: Block) -> None:
    """block (Block): A part of a config.
    RAISES (PageError): If it can't be parsed, or something in it isn't registered or has no such
        setting.
    """
    heads = re.findall(r"^\[(.+)\]$", block.code, re.MULTILINE)
    parents = {head.rsplit(".", n)[0] for head in heads for n in range(1, head.count(".") + 1)}
    missing = sorted(parents - set(heads), key=lambda head: head.count("."))
    try:
        before = "".join(f"[{head}]\n\n" for head in missing)
        config = Config().from_str(before + block.code, interpolate=False)
        _check_section(config)
    except (ValueError, KeyError) as err:
        raise PageError(block.line, str(err)) from err


def _check_section(section: Dict[str, Any]) -> None:
    for value in section.values():
        if isinstance(value, dict):
            _check_section(value)
    names = set(section)
    if "factory" in names:
        spacy.blank("en").create_pipe(section["factory"])  # an error, if there is none
        known = Language.get_factory_meta(section["factory"]).default_config
        _check_names(section["factory"], names - {"factory"}, {*known, "model"})
    for key in names:
        if not str(key).startswith("@"):
            continue
        function = registry.get(key[1:], section[key])
        parameters = inspect.signature(function).parameters
        kinds = {parameter.kind for parameter in parameters.values()}
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            _check_names(section[key], names - {key, "*"}, set(parameters))


def _check_names(what: str, names: "set[str]", known: "set[str]") -> None:
    if names - known:
        raise ValueError(f"{what} has no {sorted(names - known)}")


def check_installs(block: Block) -> None:
    """block (Block): Commands that install something, which no test runs.
    RAISES (PageError): If there are others among them, or a target or an extra that we don't have.
    """
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", encoding="utf8")
    for words in _commands(block):
        command = Path(words[0].replace("\\", "/")).name
        is_python = re.fullmatch(r"py(thon[\d.]*)?(\.exe)?", command) and "-m" in words
        module = words[words.index("-m") + 1] if is_python else ""
        known = words[:2] == ["git", "clone"] or module in ("venv", "pip")
        if not known and command not in (*INSTALLERS, "activate", "Activate.ps1"):
            raise PageError(block.line, f"{command!r} installs nothing")
        targets = words[1:] if command == "make" else []
        for target in targets:
            if "=" not in target and not re.search(rf"^{target}:", makefile, re.MULTILINE):
                raise PageError(block.line, f"the Makefile has no {target}")
        extras = re.findall(r"(?:\.|spacy-lstm)\[(.+?)\]", " ".join(words))
        for extra in (extra for several in extras for extra in several.split(",")):
            if not setup.has_option("options.extras_require", extra):
                raise PageError(block.line, f"setup.cfg has no extra {extra}")


def _commands(block: Block) -> List[List[str]]:
    lines = re.sub(r"\\\n", " ", block.code).splitlines()
    parts = [part for line in lines for part in line.split("&&")]
    posix = block.language == "bash"
    found = [shlex.split(part, comments=True, posix=posix) for part in parts]
    return [[word.strip('"') for word in words if word != "sudo"] for words in found if words]
