"""Texts from XML, with an attribute of the element as their category.

Read by the standard library and not by NLTK's XMLCorpusReader, which can load the same files: from
3.10 on NLTK refuses folders that a group may write to, as a clone under umask 002 is.
"""

from pathlib import Path
from typing import List
from xml.etree import ElementTree

from ...errors import Errors
from .records import DataError, Record, make_record, not_readable


def read_xml(folder: Path, *, tag: str, attribute: str) -> List[Record]:
    """Read the texts of all XML files in a folder. Elements inside of a text, such as names, are
    part of it.

    folder (Path): The folder of the files.
    tag (str): The element that is a text.
    attribute (str): The attribute of that element that names the category.
    RETURNS (List[Record]): The texts, in the order of the file names.
    RAISES (DataError): If there is no such folder, a file isn't well-formed, or a text or an
        attribute is missing.
    """
    if not folder.is_dir():
        raise DataError(Errors.L301.format(path=folder, cwd=Path.cwd()))
    records = []
    for path in sorted(folder.glob("*.xml")):
        try:
            tree = ElementTree.parse(path)
        except OSError as err:
            raise not_readable(err, path) from err
        except ElementTree.ParseError as err:
            raise DataError(Errors.L318.format(where=path, reason=err)) from err
        for number, element in enumerate(tree.iter(tag), start=1):
            where = f"{path}, {tag} {element.get('id', number)}"
            label = element.get(attribute, "").strip()
            if not label:
                reason = f"<{tag}> has no attribute {attribute!r}"
                raise DataError(Errors.L318.format(where=where, reason=reason))
            records.append(make_record("".join(element.itertext()), {label: 1.0}, where))
    return records
