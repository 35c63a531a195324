"""Learn without clean pictures: from one noisy shot of a scene towards another."""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from degrain.objectives.batch import Batch, Loss, Terms


@dataclass(frozen=True)
class Noise2Noise:
    """loss(f(noisy), second). [Lehtinen et al. 2018]

    The noise of ``second`` cannot be foretold from ``noisy``, so the best that a network can do is what all targets
    of the scene have in common. With ``mse`` that is their mean: the clean picture, when the noise has mean zero and
    the two shots are independent. With ``l1`` it is their median, the same for symmetric noise. Beyond that:

    - A target that was clipped at black or white has another mean: dark places come out too bright, bright ones too
      dark. Noise here is never clipped; the files of a camera are.
    - A perceptual, SSIM or logarithmic loss is no mean of squares: towards a noisy target its minimum lies elsewhere,
      and nothing promises that it lies at the clean picture. Keep the weight small, and measure with and without.
    - Noise drawn anew each step (``data.shots=fresh``) shows every scene under endlessly many noises, which is as
      good as showing the clean picture. For a figure that speaks of real pairs, take ``data.shots=2``: two shots of
      each tile for the whole run.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"noisy", "second", "level"})
    loss: Loss

    def __call__(self, net: nn.Module, batch: Batch) -> Terms:
        """The terms of one batch."""
        return self.loss(net(batch["noisy"], batch["level"]), batch["second"])
