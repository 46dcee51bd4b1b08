from typing import Any

import pytest

from solarhub.devices.vocabulary import DeviceType
from solarhub.fleet.remedy import remedy
from solarhub.fleet.vocabulary import AttentionKind, Remedy
from tests.fleet.making import NOON, concern


@pytest.mark.parametrize(
    ("kind", "facts", "suggested"),
    [
        (AttentionKind.SILENT_TOGETHER, {}, Remedy.ASK_AREA),
        (AttentionKind.PLANT_SILENT, {}, Remedy.CALL_ABOUT_POWER),
        (AttentionKind.DEVICE_ERROR, {}, Remedy.READ_DISPLAY),
        (AttentionKind.DEVICE_SILENT, {"device_type": DeviceType.INVERTER}, Remedy.CALL_ABOUT_DEVICE),
        (AttentionKind.DEVICE_SILENT, {"device_type": DeviceType.GATEWAY}, Remedy.RESTART_GATEWAY),
        (AttentionKind.DEVICE_SILENT, {"device_type": DeviceType.METER}, Remedy.CHECK_CABLE),
        (AttentionKind.DEVICE_SILENT, {"device_type": None}, Remedy.CALL_ABOUT_DEVICE),
        (AttentionKind.WEAK_STRING, {"channel": "string2"}, Remedy.LOOK_AT_STRING),
        (AttentionKind.ALERT, {"metric": "fault_code"}, Remedy.LOOK_UP_CODE),
        (AttentionKind.ALERT, {"metric": None}, Remedy.LOOK_AT_DEVICE),
        (
            AttentionKind.ALERT,
            {"metric": "fault_code", "quiet_since": NOON, "device_type": DeviceType.SENSOR},
            Remedy.CHECK_CABLE,
        ),
        (AttentionKind.MAINTENANCE_OVERDUE, {}, Remedy.CONFIRM_MAINTENANCE),
        (AttentionKind.MAINTENANCE_ENDING, {}, Remedy.MOVE_MAINTENANCE),
        (AttentionKind.NEVER_HEARD, {"total": 0}, Remedy.ENTER_DEVICE),
        (AttentionKind.NEVER_HEARD, {"total": 2}, Remedy.SET_UP_DEVICE),
        (AttentionKind.ACCESS_ENDING, {}, Remedy.EXTEND_ACCESS),
        (AttentionKind.KEY_ENDING, {}, Remedy.RENEW_KEY),
    ],
)
def test_each_concern_has_one_remedy(kind: AttentionKind, facts: dict[str, Any], suggested: Remedy) -> None:
    assert remedy(concern(kind, **facts)) is suggested
