"""Parts of a page that the documentation includes."""


def section(name: str, content: str) -> str:
    """name (str): The name of the part.
    content (str): What is in it.
    RETURNS (str): It, between the marks that pymdownx.snippets looks for.
    """
    start, end = (f"<!-- --8<-- [{edge}:{name}] -->" for edge in ("start", "end"))
    return f"{start}\n{content}\n{end}"
