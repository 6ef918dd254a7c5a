"""All code on the pages in docs/ does what they say: every other page, from the second on.

A file of tests is for one process, and there are two."""

import pytest

from .page import PAGES, run_page


@pytest.mark.parametrize("path", PAGES[1::2], ids=lambda path: path.stem)
def test_code_of_page(path, tmp_path):
    run_page(path, tmp_path)
