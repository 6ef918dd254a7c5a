"""Fragments of configs: settings with comments."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple

from thinc.api import Config

#: The keys that lead to a section or a setting.
Keys = Tuple[str, ...]
#: The lines of the comments, by what stands below them.
Comments = Dict[Keys, List[str]]

FOLDER = Path(__file__).parent
#: The section of a fragment that is about an encoder, wherever a config has it.
ENCODER = "encoder"


@dataclass
class Fragment:
    """A part of a config.

    values (Dict[str, Any]): The settings.
    comments (Comments): What is said about them, and about settings that others make.
    """

    values: Dict[str, Any]
    comments: Comments

    def only(self, section: str) -> "Fragment":
        """section (str): The name of an outermost section.
        RETURNS (Fragment): That section alone.
        """
        values = {key: value for key, value in self.values.items() if key == section}
        comments = {keys: lines for keys, lines in self.comments.items() if keys[0] == section}
        return Fragment(values, comments)


def parse(text: str) -> Tuple[Comments, List[str]]:
    """Read a fragment, with each setting on one line. A comment belongs to the line below it, a
    section or a setting; where that is empty, it is for the readers of the fragment alone. A
    setting without a value is one that others make: it is there for its comment.

    text (str): The fragment.
    RETURNS (Tuple[Comments, List[str]]): The comments, and the lines of sections and settings.
    """
    comments: Comments = {}
    settings: List[str] = []
    pending: List[str] = []
    section: Keys = ()
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#"):
            pending.append(line.removeprefix("#").strip())
            continue
        if line.startswith("["):
            section = keys = tuple(line.strip("[]").split("."))
        else:
            keys = (*section, line.partition("=")[0].strip())
        if line and pending:
            comments[keys] = pending
        if line.startswith("[") or "=" in line:
            settings.append(line)
        pending = []
    return comments, settings


def read_fragment(name: str) -> Fragment:
    """name (str): The name of a file here, without its suffix.
    RETURNS (Fragment): What is in it.
    """
    comments, settings = parse(_read(name))
    return Fragment(Config().from_str("\n".join(settings), interpolate=False), comments)


def read_explanations() -> Comments:
    """RETURNS (Comments): What settings mean, by the parts of the name of the registered function
    or factory that has them, and the setting.
    """
    return parse(_read("explanations"))[0]


def _read(name: str) -> str:
    return (FOLDER / f"{name}.cfg").read_text(encoding="utf8")


def merge(values: Dict[str, Any], comments: Comments, fragment: Fragment, encoder: Keys) -> None:
    """Write a fragment over settings. A block of another registered function takes the place of
    the whole block. What was said about a value goes with it: who sets a new one says why.

    values (Dict[str, Any]): The settings of a config, changed in place.
    comments (Comments): What is said about them, changed in place.
    fragment (Fragment): What to write. Components that aren't in the config are left out.
    encoder (Keys): Where the encoder is.
    """
    known = values["components"]
    for section, settings in fragment.values.items():
        path = encoder if section == ENCODER else (section,)
        node = values
        for key in path:
            node = node.setdefault(key, {})
        if section == "components":
            settings = {name: part for name, part in settings.items() if name in known}
        _overwrite(node, comments, settings, path)
    for keys, lines in fragment.comments.items():
        if keys[0] == "components" and keys[1] not in known:
            continue
        comments[encoder + keys[1:] if keys[0] == ENCODER else keys] = lines


def _overwrite(
    values: Dict[str, Any], comments: Comments, settings: Dict[str, Any], path: Keys
) -> None:
    for key, setting in settings.items():
        here = (*path, key)
        old = values.get(key)
        if not isinstance(setting, dict):
            if key in values:
                _forget(comments, here)
            values[key] = setting
            continue
        if not isinstance(old, dict) or _is_another(old, setting):
            if key in values:
                _forget(comments, here)
            values[key] = {}
        _overwrite(values[key], comments, setting, here)


def _is_another(old: Dict[str, Any], new: Dict[str, Any]) -> bool:
    return any(key.startswith("@") and old.get(key) != value for key, value in new.items())


def _forget(comments: Comments, path: Keys) -> None:
    for keys in [keys for keys in comments if keys[: len(path)] == path]:
        del comments[keys]
