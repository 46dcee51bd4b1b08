"""The words that devices share with the schema document."""

from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from tests.migrations.document import enums


def test_the_words_are_the_documents_words_in_its_order() -> None:
    assert [each.value for each in DeviceType] == enums()["device_type"]
    assert [each.value for each in DeviceStatus] == enums()["device_status"]
    assert [each.value for each in ProtocolType] == enums()["protocol_type"]
