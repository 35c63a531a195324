"""Learning rate over steps: warm-up, stable, decay.

A run cut short in the stable part leaves usable weights, and a longer one only moves the decay.
[Hu et al. 2024, MiniCPM]
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class WarmupStableDecay:
    """Factor on the peak learning rate.

    Attributes:
        steps: length of the run.
        warmup: steps of linear rise from zero.
        decay: share of the run over which the factor falls linearly to zero.
    """

    steps: int
    warmup: int = 500
    decay: float = 0.25

    def __call__(self, step: int) -> float:
        """The factor of one step, in (0, 1] until the end."""
        rise = (step + 1) / max(self.warmup, 1)
        fall = (self.steps - step) / max(self.decay * self.steps, 1)
        return max(0.0, min(1.0, rise, fall))
