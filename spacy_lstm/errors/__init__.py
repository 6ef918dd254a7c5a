"""Every message a user can get, with a code: what is wrong, where, and what to do."""

from .corpora import CorpusErrors
from .explanations import ExplanationErrors, ExplanationWarnings
from .files import FileErrors
from .models import ModelErrors
from .models import Warnings as ModelWarnings
from .ner import NERErrors, NERWarnings
from .optimization import OptimizationErrors
from .recipes import RecipeErrors, RecipeWarnings
from .report import ReportErrors
from .resume import ResumeErrors, ResumeWarnings
from .robustness import RobustnessErrors
from .serving import ServingErrors, ServingWarnings
from .steps import StepErrors, StepWarnings
from .streaming import StreamingErrors
from .training import TrainingErrors

__all__ = ["Errors", "Warnings"]


class Errors(
    ModelErrors,
    NERErrors,
    OptimizationErrors,
    RecipeErrors,
    ReportErrors,
    ResumeErrors,
    RobustnessErrors,
    ServingErrors,
    StepErrors,
    StreamingErrors,
    TrainingErrors,
    ExplanationErrors,
    CorpusErrors,
    FileErrors,
):
    """All errors, by their codes."""


class Warnings(
    ModelWarnings,
    NERWarnings,
    RecipeWarnings,
    ResumeWarnings,
    ServingWarnings,
    ExplanationWarnings,
    StepWarnings,
):
    """All warnings, by their codes."""
