"""The words that organizations share with the schema document."""

from solarhub.organizations.vocabulary import OrgMemberRole
from tests.migrations.document import enums


def test_the_words_are_the_documents_words_in_its_order() -> None:
    assert [each.value for each in OrgMemberRole] == enums()["org_member_role"]
