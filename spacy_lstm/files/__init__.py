"""Files that are written whole or not at all, and believed only after they were checked."""
