"""Makes a photo fit to be kept: really a picture, not too large, drawn anew, so that no place or phone stays in it."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import BadInput

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST = 1600
_FORMATS = ("JPEG", "PNG", "WEBP")
_HOW = "请换一张 JPG 或 PNG 照片，12 MB 以内；苹果手机可在“设置—相机—格式”选“兼容性最佳”再拍。"


def cleaned(data: bytes) -> bytes:
    """The photo as a JPEG of at most 1600 pixels, upright, without any of what the camera wrote beside it."""
    if not data:
        raise BadInput("没有收到照片。", "选好照片再提交。")
    if len(data) > MOST_BYTES:
        raise BadInput("照片太大了。", _HOW)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS or min(picture.size) < 16:
                raise BadInput("照片的尺寸不对。", _HOW)
            picture.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(picture)
            return _drawn(upright)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("这个文件打不开，不像是照片。", _HOW) from None


def _drawn(picture: Image.Image) -> bytes:
    """Only the pixels, on white where the picture lets through."""
    shown = picture.convert("RGBA")
    canvas = Image.new("RGB", shown.size, "white")
    canvas.paste(shown, mask=shown.getchannel("A"))
    canvas.thumbnail((LONGEST, LONGEST))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
