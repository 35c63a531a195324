"""What an ONNX file says of itself, read without running it: its description, and whether it is self-contained.

An ONNX file is a protocol buffer; walking its fields takes a page, costs no time for the weights (their length is
skipped) and needs no package. Field numbers: github.com/onnx/onnx, onnx/onnx.proto.
"""

from collections.abc import Iterator

from degrain.errors import ModelError
from degrain.spec import METADATA_KEY, ModelSpec

# Message -> field number -> message inside: every way from the model down to a tensor.
_INSIDE = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_METADATA = 14  # in the model: pairs of 1 = key, 2 = value
_EXTERNAL_DATA = 13  # in a tensor: where its values lie outside of the file


def read_spec(data: bytes, name: str) -> ModelSpec:
    """The description inside an ONNX file.

    Args:
        data: the file.
        name: what to call it in messages.

    Raises:
        ModelError: the file is damaged, no ONNX, without a description, or keeps weights in another file.
    """
    try:
        metadata = _metadata(data)
        outside = any(_has_external_data(value, kind) for kind, value in _messages(memoryview(data), "model"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{name} is damaged or no ONNX file", hint="fetch or export it again") from error
    if METADATA_KEY not in metadata:
        raise ModelError(
            f"{name} does not say what it needs: it has no '{METADATA_KEY}' in its metadata",
            hint="only models exported by degrain carry it: degrain export",
        )
    if outside:
        raise ModelError(
            f"{name} keeps weights in another file, and degrain reads no file but the model",
            hint="save it with its weights inside (external_data=False)",
        )
    try:
        return ModelSpec.from_json(metadata[METADATA_KEY])
    except ModelError as error:
        raise ModelError(f"{name}: {error}", hint=error.hint) from error


def _metadata(data: bytes) -> dict[str, str]:
    pairs = [dict(_fields(value)) for number, value in _fields(memoryview(data)) if number == _METADATA]
    return {str(pair[1], "utf-8"): str(pair.get(2, b""), "utf-8") for pair in pairs if 1 in pair}


def _has_external_data(message: memoryview, kind: str) -> bool:
    if kind == "tensor":
        return any(number == _EXTERNAL_DATA for number, _ in _fields(message))
    return any(_has_external_data(value, inner) for inner, value in _messages(message, kind))


def _messages(message: memoryview, kind: str) -> Iterator[tuple[str, memoryview]]:
    """The messages inside one, with their kinds."""
    for number, value in _fields(message):
        if number in _INSIDE[kind]:
            yield _INSIDE[kind][number], value


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Field numbers and values of a message; numbers come as the bytes that encode them. Raises ValueError."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        match key & 7:
            case 0:  # a number
                start = position
                _, position = _varint(message, start)
            case 1 | 5 as wire:  # 8 or 4 bytes
                start, position = position, position + (8 if wire == 1 else 4)
            case 2:  # bytes, text or a message, behind its length
                size, start = _varint(message, position)
                position = start + size
            case wire:
                raise ValueError(f"wire type {wire}")
        if position > len(message):
            raise ValueError("the file ends inside a field")
        yield key >> 3, message[start:position]


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """The number that starts at ``position`` (seven bits a byte, low ones first), and where it ends."""
    value = 0
    for index, byte in enumerate(message[position : position + 10]):
        value |= (byte & 127) << 7 * index
        if byte < 128:
            return value, position + index + 1
    raise ValueError("a number without an end")
