"""Clean a real noisy photograph and show it before and after: ``make demo``."""

from pathlib import Path

from degrain.images.panel import panel
from degrain.images.write import write
from degrain.inference.cleaning import Cleaning

SOURCE = Path(__file__).parent / "abyssinian.jpg"
FOLDER = Path("demo")
DETAIL = (20, 90, 100, 133)  # top, left, height, width: ear and wall


def main() -> None:
    """Denoise, write, show."""
    FOLDER.mkdir(exist_ok=True)
    target, shown = FOLDER / "abyssinian.denoised.jpg", FOLDER / "before_after.png"
    cleaned = Cleaning.by().file(SOURCE, target, overwrite=True)
    write(panel([("before", cleaned.noisy), ("after", cleaned.clean)], crop=DETAIL), shown, overwrite=True)
    print(f"result        {target}")
    print(f"before/after  {shown}")
    print(f"seconds       {cleaned.seconds:.2f} for {cleaned.noisy.width}x{cleaned.noisy.height} pixels")
    print(f"model         {cleaned.model}")
    told = f"sigma {cleaned.sigma:.1f} on the 0..255 scale" if cleaned.level.known else "left to the model"
    print(f"noise         {told}")


if __name__ == "__main__":
    main()
