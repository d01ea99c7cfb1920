import pytest

from tests.unit.domain.evaluation.lives import Life, lives
from tests.unit.domain.evaluation.surveys import Survey, survey_accounts, survey_appeals


@pytest.fixture(scope="session")
def accounts() -> Survey:
    return survey_accounts()


@pytest.fixture(scope="session")
def appeals() -> Survey:
    return survey_appeals()


@pytest.fixture(scope="session")
def points() -> dict[str, Life]:
    return lives()
