"""Whole numbers as bytes: variable-length ones, planes of bytes, and Rice's code; each both ways, without a loop.

`docs/formats/blocks.md` describes what is written here. Arrays are uint64 unless said otherwise.
"""

import numpy as np
from numpy.typing import NDArray

Unsigned = NDArray[np.uint64]
Signed = NDArray[np.int64]


class Damaged(ValueError):  # noqa: N818  reads as what happened: `except Damaged`
    """Bytes that are no block, or not the block that was written."""


GROUP = 32
"""Values that share a parameter of Rice's code."""
ALL_ZERO = 255
"""Parameter of a group in which there is nothing but zeros: it has no bits at all."""
WIDEST_RICE = 56
"""Bits of the largest number in Rice's code: with up to 7 bits before it, it lies within eight bytes."""


def zigzag(numbers: Signed) -> Unsigned:
    """0, -1, 1, -2, … become 0, 1, 2, 3, …"""
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


def unzigzag(numbers: Unsigned) -> Signed:
    return (numbers >> np.uint64(1)).view(np.int64) ^ -(numbers & np.uint64(1)).view(np.int64)


def width(numbers: Unsigned) -> int:
    """Bytes that hold the greatest of them, at least one."""
    return max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)


def to_planes(numbers: Unsigned, planes: int) -> bytes:
    """All lowest bytes, then all second ones …, the first `planes` of them."""
    return numbers.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)[:, :planes].T.tobytes()


def from_planes(data: bytes, count: int, planes: int) -> Unsigned:
    lying = np.zeros((count, 8), np.uint8)
    lying[:, :planes] = np.frombuffer(data, np.uint8).reshape(planes, count).T
    return lying.reshape(-1).view("<u8").astype(np.uint64, copy=False)


def rice_parameters(numbers: Unsigned) -> tuple[NDArray[np.uint8], int]:
    """The parameter of each group that makes it shortest (nearly), and how many bits they take all together."""
    count = len(numbers)
    groups = -(-count // GROUP)
    padded = np.zeros(groups * GROUP, np.uint64)
    padded[:count] = numbers
    rows = padded.reshape(groups, GROUP)
    sizes = np.full(groups, GROUP)
    sizes[-1] = count - GROUP * (groups - 1)
    mean = rows.sum(axis=1, dtype=np.float64) / sizes
    guess = np.floor(np.log2(np.maximum(mean, 1.0))).astype(np.int64)
    best, fewest = guess, np.full(groups, np.iinfo(np.int64).max)
    for nearby in (-1, 0, 1):
        parameter = np.clip(guess + nearby, 0, WIDEST_RICE)
        bits = (rows >> parameter.astype(np.uint64)[:, None]).sum(axis=1).astype(np.int64) + sizes * (1 + parameter)
        best, fewest = np.where(bits < fewest, parameter, best), np.minimum(bits, fewest)
    empty = mean == 0
    return np.where(empty, ALL_ZERO, best).astype(np.uint8), int(fewest[~empty].sum())


def to_rice(numbers: Unsigned, parameters: NDArray[np.uint8]) -> tuple[bytes, bytes]:
    """The quotients, each as so many zeros and a one, and the remainders; both with the highest bit first."""
    each = np.repeat(parameters, GROUP)[: len(numbers)]
    coded = each != ALL_ZERO
    numbers, widths = numbers[coded], each[coded].astype(np.int64)
    ends = np.cumsum((numbers >> widths.astype(np.uint64)).astype(np.int64) + 1)
    unary = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    unary[ends - 1] = 1
    place = np.arange(int(widths.sum())) - np.repeat(np.cumsum(widths) - widths, widths)
    shift = (np.repeat(widths, widths) - 1 - place).astype(np.uint64)
    rests = ((np.repeat(numbers, widths) >> shift) & np.uint64(1)).astype(np.uint8)
    return np.packbits(unary).tobytes(), np.packbits(rests).tobytes()


def from_rice(unary: bytes, rests: bytes, parameters: NDArray[np.uint8], count: int) -> Unsigned:
    each = np.repeat(parameters, GROUP)[:count]
    coded = each != ALL_ZERO
    widths = each[coded].astype(np.uint64)
    ones = np.flatnonzero(np.unpackbits(np.frombuffer(unary, np.uint8)))[: len(widths)]
    quotients = (np.diff(ones, prepend=-1) - 1).astype(np.uint64)
    starts = np.cumsum(widths) - widths
    lying = np.frombuffer(rests + bytes(8), np.uint8)
    window = np.zeros(len(widths), np.uint64)
    first = (starts >> np.uint64(3)).astype(np.int64)
    for place in range(8):
        window = (window << np.uint64(8)) | lying[first + place]
    # a shift by 64 is undefined: in two steps, of which neither is one
    inner = (window << (starts & np.uint64(7))) >> np.uint64(1)
    remainders = inner >> (np.uint64(63) - widths)
    found = np.zeros(count, np.uint64)
    found[coded] = (quotients << widths) | remainders
    return found


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that another byte follows."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decimal(number: int) -> bytes:
    """A number above zero that may end in zeros, as intervals in microseconds do: in few bytes."""
    zeros = 0
    while number % 10 == 0 and zeros < 15:
        number //= 10
        zeros += 1
    return varint(number << 4 | zeros)


def signed_varint(number: int) -> bytes:
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


class Reader:
    """Reads a run of bytes from its start."""

    def __init__(self, data: bytes, place: int = 0) -> None:
        self.data = data
        self.place = place

    def take(self, count: int) -> bytes:
        """Raises Damaged when they are not all there."""
        end = self.place + count
        if end > len(self.data):
            raise Damaged("a block ends before its time")
        taken = self.data[self.place : end]
        self.place = end
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def decimal(self) -> int:
        number = self.varint()
        found: int = (number >> 4) * 10 ** (number & 0x0F)
        return found

    def signed_varint(self) -> int:
        number = self.varint()
        return number >> 1 if number & 1 == 0 else -((number + 1) >> 1)
