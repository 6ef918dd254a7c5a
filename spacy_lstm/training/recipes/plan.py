"""Which components a pipeline is to have, and how they get their vectors."""

import pkgutil
from typing import Any, Dict, List, NamedTuple, Sequence, Type

import spacy.lang
from spacy.language import Language
from spacy.util import find_matching_language, get_lang_class, registry

from ...errors import Errors
from ..readers.records import DataError
from . import Recipe

#: Our components, by what they are called in a pipeline.
OURS = {
    "textcat": "lstm_textcat",
    "textcat_multilabel": "lstm_textcat_multilabel",
    "ner": "lstm_ner",
}
#: The name of the shared encoder.
ENCODER_NAME = "tok2vec"
SENTENCIZER = "sentencizer"


class Plan(NamedTuple):
    """What a pipeline is made of.

    nlp (Language): An empty pipeline of its language.
    names (List[str]): Its components in their order, without the shared encoder. Those of `OURS`
        are ours, the others are spaCy's or a plugin's.
    listening (List[str]): Those of the others that read the vectors of an encoder.
    shared (bool): Whether there is one encoder for all, rather than one inside the component.
    cut (bool): Whether entities are looked for in each sentence alone.
    """

    nlp: Language
    names: List[str]
    listening: List[str]
    shared: bool
    cut: bool

    @property
    def heads(self) -> List[str]:
        """RETURNS (List[str]): Our own components."""
        return [name for name in self.names if name in OURS]

    @property
    def pipeline(self) -> List[str]:
        """RETURNS (List[str]): All components, in their order."""
        return [ENCODER_NAME, *self.names] if self.shared else self.names

    def factory(self, name: str) -> str:
        """name (str): The name of a component.
        RETURNS (str): The name of its factory.
        """
        return "lstm_encoder" if name == ENCODER_NAME else OURS.get(name, name)

    def defaults(self, name: str) -> Dict[str, Any]:
        """name (str): The name of a component.
        RETURNS (Dict[str, Any]): What its factory makes where nothing else is said.
        """
        return dict(self.nlp.get_factory_meta(self.factory(name)).default_config or {})


def plan_pipeline(lang: str, names: Sequence[str], recipe: Recipe) -> Plan:
    """Plan a pipeline. Two or more components that need vectors share an encoder; spaCy's own read
    it in any case, and "tok2vec" among the names gives one to a single component of ours too.

    lang (str): The code of the language.
    names (Sequence[str]): The components, in their order.
    recipe (Recipe): What the pipeline is to be best at.
    RETURNS (Plan): The plan.
    RAISES (DataError): If the language or a component is unknown or can't be used, a component is
        named twice, or none of them needs an encoder.
    """
    nlp = _blank(lang)
    for name in names:
        if names.count(name) > 1:
            raise DataError(Errors.L684.format(name=name))
    asked = ENCODER_NAME in names
    names = [name for name in names if name != ENCODER_NAME]
    _check_known(names)
    plan = Plan(nlp, names, [], False, False)
    for name in names:
        model = plan.defaults(name).get("model")
        if name not in OURS and isinstance(model, dict) and "tok2vec" in model:
            plan.listening.append(name)
    n_heads = len(plan.heads)
    if not n_heads and not plan.listening:
        given = ", ".join(names) or "none"
        raise DataError(Errors.L685.format(names=given, ours=", ".join(OURS)))
    shared = asked or bool(plan.listening) or n_heads > 1
    cut = recipe is Recipe.long and plan.heads == ["ner"] and not shared
    if cut:
        names = [SENTENCIZER, *(name for name in names if name != SENTENCIZER)]
    return plan._replace(names=names, shared=shared, cut=cut)


def languages() -> List[str]:
    """RETURNS (List[str]): The codes of all languages, sorted."""
    modules = pkgutil.iter_modules(spacy.lang.__path__)
    return sorted(
        {*(found.name for found in modules if found.ispkg), *registry.languages.get_all()}
    )


def _blank(lang: str) -> Language:
    known = languages()
    code = lang if lang in known else find_matching_language(lang)
    if code is None:
        raise DataError(Errors.L681.format(lang=lang, known=", ".join(known)))
    try:
        cls: Type[Language] = get_lang_class(code)
        return cls()
    except ImportError as err:  # the tokenizers of some languages are packages of their own
        reason = " ".join(str(err).split())
        raise DataError(Errors.L682.format(lang=lang, reason=reason)) from err


def _check_known(names: Sequence[str]) -> None:
    registry.ensure_populated()
    # A dot is in those of one language, which are found without it; ours have names of their own.
    others = sorted(
        name
        for name in registry.factories.get_all()
        if "." not in name and name not in (*OURS, ENCODER_NAME) and not name.startswith("lstm_")
    )
    for name in names:
        if name not in (*OURS, *others):
            known = {"ours": ", ".join(OURS), "others": ", ".join(others)}
            raise DataError(Errors.L683.format(name=name, **known))
