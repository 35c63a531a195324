"""A run that stops cleanly after some minutes, each time it is started."""

from datetime import timedelta
from typing import Any

from lightning.pytorch.callbacks import Timer


class TimeLimit(Timer):
    """Lightning's timer, which counts from the start of this process: a resumed run has its minutes again."""

    def __init__(self, minutes: float) -> None:
        super().__init__(duration=timedelta(minutes=minutes), interval="step", verbose=False)

    def state_dict(self) -> dict[str, Any]:
        """Nothing: minutes spent are spent."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing."""
