import re
from importlib.resources import files

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.pages.texts import texts

TEMPLATES = {entry.name: entry.read_text("utf-8") for entry in files("solarhub.pages").joinpath("templates").iterdir()}
API = "".join(entry.read_text("utf-8") for entry in files("solarhub.pages.api").iterdir() if entry.name.endswith(".py"))


def test_every_text_that_a_page_shows_is_there_and_every_text_is_shown() -> None:
    shown = {key for text in TEMPLATES.values() for key in re.findall(r"\bt\.(\w+)", text)}
    headings = set(re.findall(r'texts\(language\)\["(\w+)"\]', API))
    assert shown | headings == set(texts(Language.ENGLISH))


@pytest.mark.parametrize("key", sorted(texts(Language.ENGLISH)))
def test_both_languages_have_the_same_places_to_fill(key: str) -> None:
    english, urdu = (texts(language)[key] for language in Language)
    places = [sorted(re.findall(r"%[ds]|{\w+}", text)) for text in (english, urdu)]
    assert places[0] == places[1]
    assert english.strip()
    assert urdu.strip()


def test_no_template_holds_words_of_its_own() -> None:
    """What a page says is in both languages, so it stands among the texts; names and a choice of languages do not."""
    for name, text in TEMPLATES.items():
        if name.endswith(".html") and name != "trust.html":
            body = re.sub(r"{%.*?%}|{{.*?}}|<script.*?</script>|<style.*?</style>", "", text, flags=re.DOTALL)
            body = body.partition("{% block steps %}")[0] if "steps" in text else body
            words = re.findall(r">\s*([A-Za-z][^<{]*?)\s*<", body)
            assert [word for word in words if word not in ("Solar Hub", "English")] == [], name
