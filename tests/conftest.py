import os

from hypothesis import HealthCheck, Phase, settings

# Deadlines time the machine, not the code: a busy core would fail a right answer.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
# A mutant is found out by any counterexample; to look for the smallest takes minutes each.
settings.register_profile("mutants", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
# `pytest --hypothesis-profile=...` still wins: the plugin loads its profile after this file.
settings.load_profile("ci" if os.environ.get("CI") else "dev")
