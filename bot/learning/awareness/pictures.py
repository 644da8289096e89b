"""Our own drawings, one a topic, made of a few strokes: a door, a phone, a lock, a ladder, a paper, a meter."""

from __future__ import annotations

PICTURES: dict[str, str] = {
    "fee_collection": '<rect x="26" y="14" width="48" height="76" rx="2"/><path d="M34 22h32v26H34zM34 56h32v26H34z"/><circle cx="66" cy="52" r="2.6" class="fill"/><path d="M12 90h76"/><path d="M82 62c6 4 6 12 0 16"/>',
    "client_data": '<rect x="30" y="8" width="40" height="78" rx="6"/><path d="M36 18h28v52H36z"/><circle cx="50" cy="78" r="2.6" class="fill"/><path d="M42 40l6 7 11-14" class="strong"/>',
    "cyber_security": '<rect x="24" y="42" width="52" height="42" rx="5"/><path d="M34 42V30a16 16 0 0 1 32 0v12" class="strong"/><circle cx="50" cy="60" r="5" class="fill"/><path d="M50 64v10"/>',
    "work_safety": '<path d="M36 92L44 8M64 92L56 8" class="strong"/><path d="M38 76h24M40 60h20M42 44h16M43.5 28h13"/><path d="M20 92h60"/><path d="M70 84c4-10 4-20 1-30"/>',
    "contracts": '<path d="M26 8h36l14 14v70H26z"/><path d="M62 8v14h14"/><path d="M34 36h32M34 48h32M34 60h20"/><circle cx="62" cy="74" r="10" class="strong"/><path d="M58 74l3 4 6-8"/>',
    "new_business": '<rect x="24" y="10" width="52" height="64" rx="4"/><path d="M32 20h36v16H32z"/><path d="M38 30h4M46 30h4M54 30h4" class="strong"/><circle cx="50" cy="54" r="9"/><path d="M50 54l5-5" class="strong"/><path d="M38 74v16M62 74v16M30 90h40"/>',
}
"""In a square of a hundred; `inked` gives their strokes and fills."""
INK, ACCENT = "#1d2a2e", "#0f6b66"


def inked(drawing: str) -> str:
    """With colours as attributes: opened by itself a picture must not need a style, which our pages' rules forbid."""
    return drawing.replace('class="strong"', f'stroke="{ACCENT}" stroke-width="4"').replace(
        'class="fill"', f'fill="{INK}" stroke="none"'
    )


STROKES = f'fill="none" stroke="{INK}" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"'
