"""The form of answers: what OpenAPI shows."""

from typing import Dict, List, Literal, Optional, Tuple, Union

from pydantic import BaseModel, ConfigDict, Field

from ..explain.result import Method


class Span(BaseModel):
    """A part of a text with a label. Characters are Unicode code points."""

    text: str
    label: str
    start: int = Field(description="Its first character.")
    end: int = Field(description="The character after its last.")
    start_token: int = Field(description="Its first token.")
    end_token: int = Field(description="The token after its last.")


class Entity(Span):
    """A named entity."""

    confidence: Optional[float] = Field(
        description="The probability of exactly this entity; null where no component knows it."
    )


class ScoredSpan(Span):
    """A span of `doc.spans`."""

    score: Optional[float] = Field(description="Its score; null where it has none.")


class Reading(BaseModel):
    """A way to read the entities of a text."""

    probability: float = Field(description="That these entities are there, and no others.")
    ents: List[Span]


class Token(BaseModel):
    """A token. Components of the pipeline decide what else is known of it."""

    model_config = ConfigDict(extra="allow")

    id: int
    start: int
    end: int


class Prediction(BaseModel):
    """What a pipeline finds in a text, in the form of spaCy's `Doc.to_json`."""

    cats: Dict[str, float] = Field(description="The score of each category.")
    ents: List[Entity]
    spans: Dict[str, List[ScoredSpan]] = Field(description="By their keys in `doc.spans`.")
    readings: Optional[Dict[str, List[Reading]]] = Field(
        None, description="By component, the most probable first, if they were asked for."
    )
    tokens: Optional[List[Token]] = Field(None, description="If they were asked for.")
    sents: Optional[List[Dict[str, int]]] = Field(None, description="The same, if known.")


class Error(BaseModel):
    """What is wrong, and what to do."""

    code: Optional[str] = Field(description="A code that stays the same.", examples=["L902"])
    message: str


class Failure(BaseModel):
    """A request, or a text of several, without a result."""

    error: Error


class Predictions(BaseModel):
    """What a pipeline finds, text by text, in the order of the request."""

    results: List[Union[Prediction, Failure]]


class Attribution(BaseModel):
    """How much each token speaks for a prediction, or against it."""

    tokens: List[str]
    whitespace: List[str] = Field(description="What follows each token.")
    scores: List[float] = Field(description="Of each token; less than 0 is against.")
    component: str
    label: str
    span: Optional[Tuple[int, int]] = Field(
        description="The first token of the entity, and the one after its last."
    )
    method: Method
    target: str = Field(description="What `score` is: log-odds, log-probability, …")
    probability: Optional[float]
    score: float
    baseline: str
    baseline_score: Optional[float]
    n_steps: int
    direction: str
    gap: Optional[float] = Field(
        description="How far the sum of the scores is from what it should be."
    )


class Part(BaseModel):
    """A direction of a layer of an LSTM: means over its units at each token, of the size of
    candidate, cell and hidden state."""

    layer: int
    direction: Literal["forward", "backward"]
    input: List[float]
    forget: List[float]
    output: List[float]
    candidate: List[float]
    cell: List[float]
    hidden: List[float]


class Gates(BaseModel):
    """What happens inside an LSTM while it reads a text."""

    component: str
    tokens: List[str]
    parts: List[Part]


class Explanation(BaseModel):
    """Why a prediction is as it is."""

    attribution: Attribution
    gates: Optional[Gates]
    warnings: List[str]


class Component(BaseModel):
    """A component of the pipeline, and what can be asked about it."""

    name: str
    factory: str
    assigns: List[str] = Field(description="What it writes.")
    labels: List[str]
    explained: bool = Field(description="Whether its predictions can be explained.")
    gradients: bool = Field(description="The same by gradients, and not only by occlusion.")
    gates: bool = Field(description="Whether its LSTM can be looked into.")
    readings: bool = Field(description="Whether it knows several readings of a text.")


class Limits(BaseModel):
    """How much the service takes on: see `spacy lstm serve --help`."""

    text_length: int
    explain_length: int
    texts: int
    body_bytes: int
    seconds: float
    queue_length: int
    batch_size: int
    requests: int


class Model(BaseModel):
    """The pipeline that is served."""

    name: str
    version: str
    lang: str
    direction: str
    description: str
    components: List[Component]
    limits: Limits


class Health(BaseModel):
    """Whether the service is alive, and whether it is ready to answer."""

    live: bool
    ready: bool
