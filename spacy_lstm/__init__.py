"""A BiLSTM for spaCy: one encoder, heads for text categories, trained from a spaCy config."""

from importlib.metadata import version

__version__ = version("spacy-lstm")
