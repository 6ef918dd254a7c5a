"""Arrays in, arrays out: the layers know thinc and torch, and nothing of documents."""
