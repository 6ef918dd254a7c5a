"""The form of requests: what OpenAPI shows, and what is checked."""

from typing import Annotated, List, Optional, Union

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ..explain.result import Method

#: The most readings that can be asked for.
MOST_READINGS = 20


def _check_encodable(text: str) -> str:
    """JSON can hold halves of surrogate pairs, which no text can."""
    try:
        text.encode("utf8")
    except UnicodeEncodeError as err:
        raise ValueError(f"character {err.start} is half of a surrogate pair") from err
    return text


String = Annotated[str, AfterValidator(_check_encodable)]
Text = Annotated[String, Field(description="A text.", examples=["Cold soup, warm welcome."])]
Readings = Annotated[
    int,
    Field(
        ge=0,
        le=MOST_READINGS,
        description="How many of the most probable readings of the entities to give, where a "
        "component (`lstm_ner`) knows them.",
    ),
]
Tokens = Annotated[bool, Field(description="Whether to give tokens and sentences too.")]


class Request(BaseModel):
    """What all requests share: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid")


class PredictRequest(Request):
    """A text, or several."""

    text: Optional[Text] = None
    texts: Optional[List[String]] = Field(None, min_length=1, description="In place of `text`.")
    readings: Readings = 0
    tokens: Tokens = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "PredictRequest":
        if (self.text is None) == (self.texts is None):
            raise ValueError("either `text` or `texts` must be given")
        return self

    @property
    def all_texts(self) -> List[str]:
        """RETURNS (List[str]): The texts, however they were given."""
        return self.texts if self.texts is not None else [self.text or ""]


class StreamedText(BaseModel):
    """A line of a stream. Other fields are left alone."""

    text: String
    id: Union[int, String, None] = None


class Characters(Request):
    """A part of a text, in characters (Unicode code points), as `ents` have them."""

    start: int = Field(ge=0, description="Its first character.")
    end: int = Field(ge=0, description="The character after its last.")


class ExplainRequest(Request):
    """Which prediction to explain."""

    text: Text
    component: Optional[String] = Field(
        None, description="The component; by default the only one with categories or entities."
    )
    label: Optional[String] = Field(None, description="By default that of the top prediction.")
    span: Optional[Characters] = Field(
        None, description="The entity; by default the most probable (of this label)."
    )
    method: Optional[Method] = Field(
        None,
        description="By default integrated gradients for components of spacy-lstm, and occlusion "
        "for others.",
    )
    gates: bool = Field(
        False, description="Whether to give the means of the LSTM's gates and states too."
    )
