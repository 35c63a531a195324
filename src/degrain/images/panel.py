"""Pictures side by side under captions, for people to look at."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from degrain.errors import ImageError
from degrain.images.picture import Picture

PAPER, INK = (255, 255, 255), (32, 32, 36)
FRAME = (226, 60, 48)  # of the detail, where it lies in the whole
MIN_HEIGHT = 240  # pixels: smaller pictures are enlarged, nearest neighbour, so that captions fit
ELLIPSIS = "…"

Crop = tuple[int, int, int, int]  # top, left, height, width, in pixels of each picture


def panel(
    columns: Sequence[tuple[str, Picture]], *, crop: Crop | None = None, max_width: int = 2400, gap: int = 12
) -> Picture:
    """Captioned pictures side by side, 8-bit RGB.

    All are shown in the height of the first (reduced ones smoothly, enlarged ones pixel by pixel). With ``crop`` a
    second row shows that detail of each as wide as its column, pixel by pixel, and a frame in the first row shows
    where it lies.

    Args:
        columns: (caption, picture) from left to right.
        crop: top, left, height, width of the detail in pixels.
        max_width: of the whole panel, in pixels.
        gap: between pictures, in pixels.

    Raises:
        ImageError: no columns, or a crop that reaches beyond a picture.
    """
    if not columns:
        raise ImageError("a panel needs at least one picture")
    captions = [caption for caption, _ in columns]
    pictures = [_rgb(picture) for _, picture in columns]
    sizes = _sizes(pictures, max_width - gap * (len(columns) + 1))
    rows = [[_resized(picture, size) for picture, size in zip(pictures, sizes, strict=True)]]
    if crop is not None:
        details = [_detail(picture, crop, width) for picture, (width, _) in zip(pictures, sizes, strict=True)]
        framed = [_framed(whole, picture, crop) for whole, picture in zip(rows[0], pictures, strict=True)]
        rows = [framed, details]
    return Picture.of_array(np.asarray(_sheet(captions, rows, gap)), source="panel")


def _rgb(picture: Picture) -> Image.Image:
    """8 bit, alpha ignored; what is not finite shows black."""
    samples = picture.samples
    if samples.dtype != np.uint8:
        unit = np.nan_to_num(picture.scale.to_unit(samples), nan=0.0, posinf=1.0, neginf=0.0)
        samples = np.rint(unit.clip(0, 1) * 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(samples, (*samples.shape[:2], 3))))


def _sizes(pictures: Sequence[Image.Image], room: int) -> list[tuple[int, int]]:
    """(width, height) of each column: one height, together no wider than the room."""
    height = pictures[0].height * -(-MIN_HEIGHT // pictures[0].height)
    widths = [picture.width * height / picture.height for picture in pictures]
    shrink = min(1.0, room / sum(widths))
    return [(max(1, int(width * shrink)), max(1, round(height * shrink))) for width in widths]


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    enlarged = size[0] >= picture.width
    return picture.resize(size, Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS)


def _detail(picture: Image.Image, crop: Crop, width: int) -> Image.Image:
    top, left, rows, columns = crop
    if min(top, left) < 0 or min(rows, columns) < 1 or top + rows > picture.height or left + columns > picture.width:
        raise ImageError(f"the crop {crop} (top, left, height, width) leaves the {picture.height} x {picture.width}")
    part = picture.crop((left, top, left + columns, top + rows))
    return _resized(part, (width, max(1, round(rows * width / columns))))


def _framed(whole: Image.Image, picture: Image.Image, crop: Crop) -> Image.Image:
    """The reduced picture with a frame around the detail."""
    top, left, rows, columns = (side * whole.width / picture.width for side in crop)
    framed, line = whole.copy(), max(2, whole.width // 200)
    for width, colour in ((2 * line, PAPER), (line, FRAME)):  # a light rim, to be seen on red too
        ImageDraw.Draw(framed).rectangle((left, top, left + columns, top + rows), outline=colour, width=width)
    return framed


def _sheet(captions: Sequence[str], rows: Sequence[Sequence[Image.Image]], gap: int) -> Image.Image:
    """Captions and rows of pictures, pasted on paper."""
    widths = [picture.width for picture in rows[0]]
    font = ImageFont.load_default(_font_size(rows[0][0].height))
    strip = round(font.size * 1.6) if isinstance(font, ImageFont.FreeTypeFont) else 16
    heights = [max(picture.height for picture in row) for row in rows]
    sheet = Image.new(
        "RGB", (sum(widths) + gap * (len(widths) + 1), strip + sum(heights) + gap * (len(rows) + 1)), PAPER
    )
    draw = ImageDraw.Draw(sheet)
    left = gap
    for column, (caption, width) in enumerate(zip(captions, widths, strict=True)):
        text = _fitted(caption, lambda text: draw.textlength(text, font), width)
        draw.text((left + width / 2, (gap + strip) / 2), text, INK, font, anchor="mm")
        top = gap + strip
        for row, height in zip(rows, heights, strict=True):
            sheet.paste(row[column], (left, top))
            top += height + gap
        left += width + gap
    return sheet


def _font_size(height: int) -> int:
    return min(max(height // 20, 14), 32)


def _fitted(text: str, length: Callable[[str], float], room: float) -> str:
    """The text, cut with an ellipsis when it is too long."""
    if length(text) <= room:
        return text
    while text and length(text + ELLIPSIS) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS
