import os

from hypothesis import HealthCheck, settings

# Deadlines time the machine, not the code: a busy core would fail a right answer.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
# `pytest --hypothesis-profile=...` still wins: the plugin loads its profile after this file.
settings.load_profile("ci" if os.environ.get("CI") else "dev")
