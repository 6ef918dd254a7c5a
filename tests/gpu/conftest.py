"""Every test leaves the processor as it was."""

import pytest
from thinc.api import require_cpu


@pytest.fixture(autouse=True)
def the_processor_again():
    yield
    require_cpu()
