"""How accurate categories and entities are: our recipes, spaCy's own and linear models, on the same
docs. `python benchmarks/accuracy --help`; benchmarks/README.md says what is measured."""
