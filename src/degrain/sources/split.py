"""Which side of a split a group is on: by a hash of its name, so that groups added later move none of the others."""

import hashlib

from degrain.sources.base import Split


def side(group: str, valid: float) -> Split:
    """``"valid"`` for about that share of all names, else ``"train"``."""
    digest = hashlib.sha256(group.encode(errors="surrogateescape")).digest()
    return "valid" if int.from_bytes(digest[:8], "big") < valid * 2**64 else "train"
