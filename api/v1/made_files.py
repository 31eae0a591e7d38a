"""Files that are made as a whole before the first byte is sent, so that a failure is a problem and not half a file."""

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from flask import Response

_PIECE = 256 * 1024


def made_file(write: Callable[[BinaryIO], None]) -> BinaryIO:
    """A temporary file; it is gone when it is closed, or when writing it fails."""
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - it lives as long as the response
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    return file


def file_response(file: BinaryIO, content_type: str) -> Response:
    """The file from its beginning, a piece at a time; it is closed when all is sent, or with the response."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = Response(_pieces(file), content_type=content_type)
    response.call_on_close(file.close)
    response.content_length = size
    return response


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
