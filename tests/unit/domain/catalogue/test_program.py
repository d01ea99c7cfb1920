import pytest

from tests.unit.domain.catalogue.sound import sound


def test_a_stage_is_found_by_its_name() -> None:
    program = sound({})
    assert program.stage("funded") is program.stages[1]
    with pytest.raises(KeyError, match="founded"):
        program.stage("founded")
