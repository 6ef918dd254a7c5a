"""Training that survives: spaCy's own training, kept from time to time, so that it goes on where it
was stopped as if it never had been."""
