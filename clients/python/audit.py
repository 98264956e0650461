"""Verifies the audit of carechat offline, with nothing but Python's own library (3.10 or later). Copy it.

    python3 audit.py --rows rows.ndjson --checkpoints checkpoints.ndjson --keys keys.txt [--after ROWS]

rows.ndjson         the events of the audit as listAuditEvents returns them, of one instance, one on each line
checkpoints.ndjson  the file of checkpoints, or events or webhooks of the type audit.checkpoint, one on each line
keys.txt            the public keys that you trust, as `carechat audit-key` prints them, one on each line

It ends with 0 if the rows are those that were sealed, with 1 if one is wrong, and with 2 if it cannot tell.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Iterable, Optional

SEALED_WITHIN_SECONDS = 5 * 60
HASH_PREFIX = 8


class Unusable(Exception):
    """What was given cannot be verified; the text says why."""


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong. Rows are numbered from 1."""

    kind: str
    first_row: int
    last_row: int
    row_id: Optional[str] = None


@dataclass(frozen=True)
class Report:
    """Up to which row the rows are those that were sealed, how many are not sealed yet, and what is wrong."""

    verified_to: int
    unsealed_rows: int
    fault: Optional[Fault]


# --- Ed25519 (RFC 8032, sections 5.1 and 6), verification only. It is slow: about 10 ms for a signature.

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g = 2 * a[3] * b[3] * _D % _P
    h = 2 * a[2] * b[2] % _P
    return ((f - e) * (h - g) % _P, (h + g) * (f + e) % _P, (h - g) * (h + g) % _P, (f - e) * (f + e) % _P)


def _times(number, point):
    result = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


def _x(y, sign):
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P != 0:
        x = x * _ROOT % _P
    if (x * x - square) % _P != 0 or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _point(encoded):
    y = int.from_bytes(encoded, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE = _point(_BASE_Y.to_bytes(32, "little"))


def ed25519_verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is one of the message with this key."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % _L
    left, right = _times(scalar, _BASE), _add(commitment, _times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


# --- the tree (RFC 9162, section 2.1)


def leaf_hash(row: bytes) -> bytes:
    """The leaf of a row: of its canonical JSON."""
    return hashlib.sha256(b"\0" + row).digest()


class Tree:
    """A tree that grows at its end. It keeps only the roots of its complete subtrees, the largest first."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()):
        self.size = size
        self.subtrees = list(subtrees)

    def appended(self, hashes: Iterable[bytes]) -> "Tree":
        """The tree with more leaves."""
        tree = Tree(self.size, self.subtrees)
        for node in hashes:
            rest = tree.size
            while rest & 1:
                node = hashlib.sha256(b"\1" + tree.subtrees.pop() + node).digest()
                rest >>= 1
            tree.subtrees.append(node)
            tree.size += 1
        return tree

    def root(self) -> bytes:
        """The Merkle Tree Hash of all leaves."""
        if not self.subtrees:
            return hashlib.sha256().digest()
        root = self.subtrees[-1]
        for node in reversed(self.subtrees[:-1]):
            root = hashlib.sha256(b"\1" + node + root).digest()
        return root


# --- checkpoints (c2sp.org/tlog-checkpoint, c2sp.org/signed-note)

_NAME = "[a-z0-9][a-z0-9-]{0,62}"
_NOTE = re.compile(
    rf"(carechat/(audit|audit-removed)/({_NAME}/{_NAME})\n([1-9][0-9]{{0,17}})\n([A-Za-z0-9+/]{{43}}=)\n"
    r"time [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\n)"
    "\n\u2014 ([0-9a-f]{32}) ([A-Za-z0-9+/]{91}=)\n"
)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint, as it was published."""

    instance: str
    size: int
    root: bytes
    text: bytes
    key_id: str
    signed: bytes
    tree: Optional[bytes]
    row_hashes: Optional[bytes]

    def is_signed_by(self, keys: dict[str, bytes]) -> bool:
        """Whether one of these keys has signed it."""
        key = keys.get(self.key_id)
        return (
            key is not None
            and self.signed[:4] == _hint(self.key_id, key)
            and ed25519_verifies(key, self.text, self.signed[4:])
        )


def _hint(key_id: str, key: bytes) -> bytes:
    return hashlib.sha256(key_id.encode() + b"\n\1" + key).digest()[:4]


def _decoded(text) -> Optional[bytes]:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except binascii.Error:
        return None


def read_keys(lines: Iterable[str]) -> dict[str, bytes]:
    """The public keys of lines, by their ids."""
    keys = {}
    for line in lines:
        parts = line.split("+", 2)
        typed = _decoded(parts[-1]) or b""
        key = typed[1:]
        if (
            len(parts) != 3
            or len(typed) != 33
            or typed[0] != 1
            or parts[0] != hashlib.sha256(key).hexdigest()[:32]
            or parts[1] != _hint(parts[0], key).hex()
        ):
            raise Unusable("each key must be a line as carechat audit-key prints it")
        keys[parts[0]] = key
    return keys


def _read_checkpoint(line: str) -> Optional[tuple[str, Checkpoint]]:
    try:
        members = json.loads(line)
    except ValueError:
        return None
    for name in ("data", "checkpoint"):
        if isinstance(members, dict) and isinstance(members.get(name), dict):
            members = members[name]
    note = members.get("note") if isinstance(members, dict) else None
    match = _NOTE.fullmatch(note) if isinstance(note, str) else None
    if match is None:
        return None
    text, statement, instance, size, root, key_id, signed = match.groups()
    # Base64 can be written in several ways. Only one of them is a checkpoint.
    decoded = [base64.b64decode(each) for each in (root, signed)]
    if [base64.b64encode(each).decode() for each in decoded] != [root, signed]:
        return None
    return statement, Checkpoint(
        instance, int(size), decoded[0], text.encode(), key_id, decoded[1],
        _decoded(members.get("tree")), _decoded(members.get("rowHashes")),
    )


def read_checkpoints(lines: list[str]) -> list[Checkpoint]:
    """The checkpoints of lines. A crash leaves a part of a line, which is written again."""
    checkpoints = []
    for number, line in enumerate(lines):
        read = _read_checkpoint(line)
        if read is None:
            if not (number + 1 < len(lines) and lines[number + 1].startswith(line)):
                raise Unusable(f"line {number + 1} of the checkpoints has no checkpoint")
        elif read[0] == "audit":
            checkpoints.append(read[1])
    return checkpoints


# --- rows


@dataclass(frozen=True)
class Row:
    """A row, as the tree sees it."""

    place: tuple[int, int]
    row_id: str
    instance: str
    at: datetime
    leaf: bytes


def read_rows(lines: Iterable[str]) -> list[Row]:
    """The rows of lines, in the order of the audit. Each is JSON, with its members in any order."""
    rows = []
    for number, line in enumerate(lines):
        try:
            members = json.loads(line)
            match = re.fullmatch(r"([0-9]{1,20})-([0-9]{1,19})", members["id"])
            # RFC 8785: what a row has are texts, whole numbers, booleans and lists of texts.
            canonical = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            rows.append(Row(
                (int(match[1]), int(match[2])), members["id"],
                f"{members['tenantName']}/{members['instanceName']}",
                datetime.fromisoformat(members["occurredAt"].replace("Z", "+00:00")),
                leaf_hash(canonical.encode()),
            ))
        except (ValueError, TypeError, KeyError) as e:
            raise Unusable(f"line {number + 1} of the rows is no row of the audit") from e
    return sorted(rows, key=lambda row: row.place)


# --- the verification


def _located(hashes: bytes, rows: list[Row], first: int) -> Optional[Fault]:
    """The first row that does not begin as it should, by the beginnings of the hashes."""
    expected = [hashes[i:i + HASH_PREFIX] for i in range(0, len(hashes), HASH_PREFIX)]
    actual = [row.leaf[:HASH_PREFIX] for row in rows]
    at = 0
    while at < len(expected) and at < len(actual) and expected[at] == actual[at]:
        at += 1
    if at == len(expected) and at == len(actual):
        return None

    def same(i, j):
        return i < len(expected) and j < len(actual) and expected[i] == actual[j]

    if same(at, at + 1):
        kind = "ROW_MOVED" if same(at + 1, at) else "ROW_ADDED"
    elif at == len(expected):
        kind = "ROW_ADDED"
    elif at == len(actual) or same(at + 1, at):
        kind = "ROW_MISSING"
    else:
        kind = "ROW_MOVED" if actual[at] in expected else "ROW_CHANGED"
    row_id = rows[at].row_id if at < len(rows) and kind != "ROW_MISSING" else None
    return Fault(kind, first + at, first + at, row_id)


def _start(own: list[Checkpoint], keys: dict[str, bytes], after: int) -> Tree:
    if after == 0:
        return Tree()
    for checkpoint in own:
        if checkpoint.size == after and checkpoint.tree is not None:
            tree = Tree(after, [checkpoint.tree[i:i + 32] for i in range(0, len(checkpoint.tree), 32)])
            if (
                len(checkpoint.tree) == 32 * after.bit_count()
                and tree.root() == checkpoint.root
                and checkpoint.is_signed_by(keys)
            ):
                return tree
    raise Unusable(f"there is no genuine checkpoint of {after} rows that has the state of its tree")


def verify(rows: list[Row], checkpoints: list[Checkpoint], keys: dict[str, bytes], after: int = 0) -> Report:
    """Verifies all rows of an instance that come after the first `after` ones."""
    if not rows and not checkpoints:
        raise Unusable("there are neither rows nor checkpoints")
    instance = rows[0].instance if rows else checkpoints[0].instance
    for number, row in enumerate(rows):
        if row.instance != instance:
            return Report(after, 0, Fault("ROW_ADDED", after + number + 1, after + number + 1, row.row_id))
    own = sorted((each for each in checkpoints if each.instance == instance), key=lambda each: each.size)
    tree = _start(own, keys, after)
    begin = 0
    for checkpoint in own:
        if checkpoint.size < after:
            continue
        if not checkpoint.is_signed_by(keys):
            last = max(tree.size + 1, checkpoint.size)
            return Report(tree.size, 0, Fault("CHECKPOINT_CHANGED", tree.size + 1, last))
        part = rows[begin:begin + checkpoint.size - tree.size]
        grown = tree.appended(row.leaf for row in part)
        if grown.size != checkpoint.size or grown.root() != checkpoint.root:
            first = tree.size + 1
            fault = None
            hashes = checkpoint.row_hashes
            if hashes is not None and len(hashes) // HASH_PREFIX == checkpoint.size - tree.size:
                fault = _located(hashes[:len(hashes) // HASH_PREFIX * HASH_PREFIX], part, first)
            return Report(tree.size, 0, fault or Fault("ROWS_DIFFER", first, max(first, checkpoint.size)))
        tree = grown
        begin += len(part)
    rest = rows[begin:]
    fault = None
    if rest and (rest[-1].at - rest[0].at).total_seconds() > SEALED_WITHIN_SECONDS:
        fault = Fault("CHECKPOINT_MISSING", tree.size + 1, tree.size + len(rest))
    return Report(tree.size, len(rest), fault)


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            return [line.rstrip("\r\n") for line in file if line.strip()]
    except (OSError, UnicodeDecodeError) as e:
        raise Unusable(f"{path} cannot be read as text in UTF-8") from e


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Verifies the audit of carechat offline.")
    for name in ("rows", "checkpoints", "keys"):
        parser.add_argument(f"--{name}", required=True, metavar="FILE")
    parser.add_argument("--after", type=int, default=0, metavar="ROWS")
    given = parser.parse_args()
    try:
        report = verify(
            read_rows(_lines(given.rows)), read_checkpoints(_lines(given.checkpoints)),
            read_keys(_lines(given.keys)), given.after,
        )
    except Unusable as e:
        print(e, file=sys.stderr)
        return 2
    print(f"rows that are those that were sealed: up to {report.verified_to}")
    if report.unsealed_rows:
        print(f"rows that are not sealed yet: {report.unsealed_rows}")
    if report.fault is None:
        print("RIGHT")
        return 0
    fault = report.fault
    where = f"at row {fault.first_row}" if fault.first_row == fault.last_row else (
        f"among rows {fault.first_row} to {fault.last_row}")
    print(f"WRONG: {fault.kind} {where}" + (f", id {fault.row_id}" if fault.row_id else ""))
    return 1


if __name__ == "__main__":
    sys.exit(main())
