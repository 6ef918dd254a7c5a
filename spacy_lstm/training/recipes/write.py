"""Write a config with its comments, which thinc's own writing leaves out."""

from typing import Any, Dict, Iterator, List

from spacy.util import CONFIG_SECTION_ORDER
from thinc.api import Config

from .fragments import Comments, Keys


def write(config: Config, comments: Comments, explanations: Comments) -> str:
    """Write a config with comments, and each section before those inside it.

    config (Config): The config.
    comments (Comments): What is said about its sections and settings.
    explanations (Comments): What the settings of registered functions and factories mean. They
        stand before the comments.
    RETURNS (str): The text of the config.
    """
    blocks: Dict[Keys, List[str]] = {}
    for block in config.to_str(interpolate=False).split("\n\n"):
        header, *settings = block.splitlines()
        blocks[tuple(header.strip("[]").split("."))] = settings
    lines: List[str] = []
    ordered = {name: config[name] for name in CONFIG_SECTION_ORDER if name in config}
    for section in _sections({**ordered, **config}):
        function = name_of(config, section)
        slot = (*name_of(config, section[:-1]), section[-1])
        said = [explanations.get(slot), explanations.get(function), comments.get(section)]
        lines += ["", *_as_comments(said), f"[{'.'.join(section)}]"]
        for setting in blocks[section]:
            key = setting.partition(" = ")[0]
            said = [comments.get((*section, key))]
            if function:
                said.insert(0, explanations.get((*function, key)))
            lines += [*_as_comments(said), setting]
    return "\n".join([*lines[1:], ""])


def name_of(config: Dict[str, Any], section: Keys) -> Keys:
    """config (Dict[str, Any]): A config.
    section (Keys): The keys of a section.
    RETURNS (Keys): The parts of the name of the registered function or factory that the section
        calls, or nothing if it calls none.
    """
    node: Any = config
    for key in section:
        node = node[key]
    for key, value in node.items():
        if key.startswith("@") or (key == "factory" and section[:-1] == ("components",)):
            return tuple(value.split("."))
    return ()


def _sections(values: Dict[str, Any], path: Keys = ()) -> Iterator[Keys]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield (*path, key)
            yield from _sections(value, (*path, key))


def _as_comments(said: List[Any]) -> List[str]:
    return [f"# {line}" for lines in said for line in lines or ()]
