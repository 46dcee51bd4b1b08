"""The words that accounts share with the schema document."""

from solarhub.accounts.vocabulary import UserRole
from tests.migrations.document import enums


def test_the_words_are_the_documents_words_in_its_order() -> None:
    assert [each.value for each in UserRole] == enums()["user_role"]
