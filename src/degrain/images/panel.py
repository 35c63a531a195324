"""Pictures side by side under captions, for people to look at."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from degrain.errors import ImageError
from degrain.images.picture import Picture

PAPER, INK = (255, 255, 255), (32, 32, 36)
FRAME = (226, 60, 48)  # of the detail, where it lies in the whole
MIN_HEIGHT = 240  # pixels: smaller pictures are enlarged, nearest neighbour
MIN_WIDTH = 192  # pixels of a column, so that captions fit above a narrow picture
LARGEST = 12  # times that a detail is enlarged at most
ELLIPSIS = "…"

Crop = tuple[int, int, int, int]  # top, left, height, width, in pixels of each picture
Column = tuple[str, Picture]  # caption and picture; the caption may have several lines
Strip = Sequence[Image.Image | None]  # one for each column; None leaves the place empty


def panel(
    columns: Sequence[Column],
    *,
    below: Sequence[Column | None] = (),
    crop: Crop | None = None,
    max_width: int = 2400,
    gap: int = 12,
) -> Picture:
    """Captioned pictures side by side, 8-bit RGB.

    All are shown in the height of the first (reduced ones smoothly, enlarged ones pixel by pixel). With ``crop`` a
    second row shows that detail of each, pixel by pixel and as wide as its column where that is no more than 12
    times, and a frame in the first row shows where it lies.

    Args:
        columns: (caption, picture) from left to right.
        below: one more picture for each column, of the same size, shown alike under the others; None for none.
        crop: top, left, height, width of the detail in pixels.
        max_width: of the pictures and the gaps together, in pixels.
        gap: between pictures, in pixels.

    Raises:
        ImageError: no columns, or a crop that reaches beyond a picture.
    """
    if not columns:
        raise ImageError("a panel needs at least one picture")
    sizes = _sizes([picture for _, picture in columns], max_width - gap * (len(columns) + 1))
    widths = [max(width, MIN_WIDTH) for width, _ in sizes]  # of the columns
    strips: list[Strip] = []
    for row in (columns, below) if below else (columns,):
        pictures = [column and _rgb(column[1]) for column in row]
        strips.append(_captions([column[0] if column else "" for column in row], widths))
        strips.append([picture and _whole(picture, size, crop) for picture, size in zip(pictures, sizes, strict=True)])
        if crop is not None:
            places = zip(pictures, widths, strict=True)
            strips.append([picture and _detail(picture, crop, width) for picture, width in places])
    return Picture.of_array(np.asarray(_sheet(strips, widths, gap)), source="panel")


def stacked(panels: Sequence[Picture]) -> Picture:
    """Panels one above the other, flush left on paper."""
    sheet = Image.new("RGB", (max(one.width for one in panels), sum(one.height for one in panels)), PAPER)
    top = 0
    for one in panels:
        sheet.paste(_rgb(one), (0, top))
        top += one.height
    return Picture.of_array(np.asarray(sheet), source="panel")


def overview(picture: Picture, longest: int, crop: Crop | None = None) -> Picture:
    """The picture as 8-bit RGB, its sides no longer than ``longest`` pixels, with a frame where the crop lies."""
    image = _rgb(picture)
    shrink = min(1.0, longest / max(image.size))
    size = max(1, round(image.width * shrink)), max(1, round(image.height * shrink))
    return Picture.of_array(np.asarray(_whole(image, size, crop)), source="overview")


def check_crop(crop: Crop, height: int, width: int) -> None:
    """Raises ImageError when the crop leaves a picture of that size, or is empty."""
    top, left, rows, columns = crop
    if min(top, left) < 0 or min(rows, columns) < 1 or top + rows > height or left + columns > width:
        raise ImageError(
            f"the crop of {columns} x {rows} pixels at x {left}, y {top} leaves the picture of {width} x {height}"
        )


def _rgb(picture: Picture) -> Image.Image:
    samples = picture.shown()
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(samples, (*samples.shape[:2], 3))))


def _sizes(pictures: Sequence[Picture], room: int) -> list[tuple[int, int]]:
    """(width, height) of each picture: one height, together no wider than the room."""
    height = pictures[0].height * -(-MIN_HEIGHT // pictures[0].height)
    widths = [picture.width * height / picture.height for picture in pictures]
    shrink = min(1.0, room / sum(widths))
    return [(max(1, int(width * shrink)), max(1, round(height * shrink))) for width in widths]


def _whole(picture: Image.Image, size: tuple[int, int], crop: Crop | None) -> Image.Image:
    """The picture in that size, with a frame around the detail."""
    whole = _resized(picture, size)
    if crop is not None:
        top, left, rows, columns = (side * whole.width / picture.width for side in crop)
        draw, line = ImageDraw.Draw(whole), max(2, whole.width // 200)
        for width, colour in ((2 * line, PAPER), (line, FRAME)):  # a light rim, to be seen on red too
            draw.rectangle((left, top, left + columns, top + rows), outline=colour, width=width)
    return whole


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    enlarged = size[0] >= picture.width
    return picture.resize(size, Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS)


def _detail(picture: Image.Image, crop: Crop, width: int) -> Image.Image:
    top, left, rows, columns = crop
    check_crop(crop, picture.height, picture.width)
    part, width = picture.crop((left, top, left + columns, top + rows)), min(width, LARGEST * columns)
    return _resized(part, (width, max(1, round(rows * width / columns))))


def _captions(texts: Sequence[str], widths: Sequence[int]) -> Strip:
    """Texts as pictures, each as wide as its column."""
    size = min(max(min(widths) // 25, 14), 32)
    line = round(size * 1.3)
    height = line * max(text.count("\n") + 1 for text in texts)
    strip = [Image.new("RGB", (width, height), PAPER) for width in widths]
    for text, picture in zip(texts, strip, strict=True):
        draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
        for number, words in enumerate(text.split("\n")):
            fitted = _fitted(words, partial(draw.textlength, font=font), picture.width)
            draw.text((picture.width / 2, line * (number + 0.5)), fitted, INK, font, anchor="mm")
    return strip


def _fitted(text: str, length: Callable[[str], float], room: float) -> str:
    """The text, cut with an ellipsis when it is too long."""
    if length(text) <= room:
        return text
    while text and length(text + ELLIPSIS) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def _sheet(strips: Sequence[Strip], widths: Sequence[int], gap: int) -> Image.Image:
    """Strips below one another, each picture in the middle of its column, on paper."""
    heights = [max(picture.height for picture in strip if picture) for strip in strips]
    sheet = Image.new("RGB", (sum(widths) + gap * (len(widths) + 1), sum(heights) + gap * (len(strips) + 1)), PAPER)
    top = gap
    for strip, height in zip(strips, heights, strict=True):
        left = gap
        for picture, width in zip(strip, widths, strict=True):
            if picture:
                sheet.paste(picture, (left + (width - picture.width) // 2, top))
            left += width + gap
        top += height + gap
    return sheet
