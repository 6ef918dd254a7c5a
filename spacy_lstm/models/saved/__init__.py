"""Saved models, checked against the model that the config describes before anything is loaded."""
