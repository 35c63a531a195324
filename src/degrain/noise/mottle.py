"""Quantum mottle: the noise of X-ray pictures."""

from dataclasses import dataclass
from typing import Any

from degrain.noise.base import Noise, Setting, setting
from degrain.noise.blur import blurred, extended, gaussian_kernel, reach_of
from degrain.noise.draw import Draw
from degrain.noise.level import BLIND, NoiseLevel


@dataclass(frozen=True)
class Mottle(Noise):
    """y = (PSF * k + e) / (dose peak), k ~ Poisson(dose peak x), e ~ N(0, .): an energy-integrating detector.

    In the order of physics: quanta are counted at the dose, their light is blurred on its way through the
    scintillator, the electronics add noise of their own, the gain brings the dose back to 1. So quantum noise fades
    towards high frequencies with MTF^2, and electronic noise stays white; half the dose makes sqrt(2) times the
    former and twice the latter. For a stored picture add ``+quantise:bits=12``.

    The clean picture must be linear in exposure: one that was windowed, or taken to the logarithm, has no dose.

    Attributes:
        peak: quanta absorbed by a pixel at 1.0 and full dose.
        dose: share of the full dose.
        blur: standard deviation of the detector's point spread function, pixels; 0 for direct conversion (a-Se).
        sigma: standard deviation of the electronic noise at full dose, on the 0..255 scale.
    """

    peak: Setting = setting(500.0, 0.01, 1e6)
    dose: Setting = setting(1.0, 0.001, 10)
    blur: Setting = setting(0.7, 0, 20)
    sigma: Setting = setting(1.0, 0, 1000)

    def apply(self, clean: Any, draw: Draw) -> Any:
        """Expose the detector; mean PSF * x, variance left x / (dose peak) + (sigma / 255 / dose)^2. Not clipped.

        ``left`` is the sum of the squared weights of the PSF, 1 / (4 pi blur^2) when it is wide.
        """
        psf = gaussian_kernel(self.blur)
        quanta = draw.poisson(extended(clean, reach_of(psf)) * (self.dose * self.peak))
        electronic = self.sigma / 255 * self.peak * draw.normal(clean)
        return (blurred(quanta, psf) + electronic) / (self.dose * self.peak)

    def _level(self) -> NoiseLevel:
        """Without blur it is a sensor's."""
        direct = isinstance(self.blur, float) and not self.blur
        return NoiseLevel(self.sigma / self.dose, 1 / (self.dose * self.peak)) if direct else BLIND
