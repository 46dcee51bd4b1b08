"""In which of its languages a page is drawn: pure."""

from solarhub.accounts.vocabulary import Language


def language_of(asked: str | None, own: Language | None, accepted: str | None) -> Language:
    """The one that was asked for, else the person's own, else what the browser prefers, else English."""
    if asked in {each.value for each in Language}:
        return Language(asked)
    return own or _preferred(accepted or "") or Language.ENGLISH


def _preferred(accepted: str) -> Language | None:
    """The first of `Accept-Language` that the hub speaks, by its weight."""
    ranked: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        if language in {each.value for each in Language}:
            ranked.append((-_weight(weight), place, Language(language)))
    return min(ranked)[2] if ranked and min(ranked)[0] < 0 else None


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
