"""The words that alerts share with the schema document."""

from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus
from tests.migrations.document import enums


def test_the_words_are_the_documents_words_in_its_order() -> None:
    assert [each.value for each in AlertSeverity] == enums()["alert_severity"]
    assert [each.value for each in AlertStatus] == enums()["alert_status"]
