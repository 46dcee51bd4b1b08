"""The words that sites share with the schema document."""

from solarhub.sites.vocabulary import SiteStatus
from tests.migrations.document import enums


def test_the_words_are_the_documents_words_in_its_order() -> None:
    assert [each.value for each in SiteStatus] == enums()["site_status"]
