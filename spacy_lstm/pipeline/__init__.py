"""spaCy components: the only place that writes on a Doc."""
