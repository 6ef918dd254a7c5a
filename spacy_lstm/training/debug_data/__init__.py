"""Look for what is wrong with training data, as `spacy debug data` does, for our components."""
