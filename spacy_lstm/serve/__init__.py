"""A pipeline as a service: predictions and explanations over HTTP, and a page."""
