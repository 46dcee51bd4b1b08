"""What is suggested to whoever looks after a concern: one thing, by a table. Pure."""

from collections.abc import Mapping

from solarhub.devices.vocabulary import DeviceType
from solarhub.fleet.concern import Attention
from solarhub.fleet.vocabulary import AttentionKind, Remedy

_BY_KIND: Mapping[AttentionKind, Remedy] = {
    AttentionKind.SILENT_TOGETHER: Remedy.ASK_AREA,
    AttentionKind.PLANT_SILENT: Remedy.CALL_ABOUT_POWER,
    AttentionKind.DEVICE_ERROR: Remedy.READ_DISPLAY,
    AttentionKind.WEAK_STRING: Remedy.LOOK_AT_STRING,
    AttentionKind.MAINTENANCE_OVERDUE: Remedy.CONFIRM_MAINTENANCE,
    AttentionKind.MAINTENANCE_ENDING: Remedy.MOVE_MAINTENANCE,
    AttentionKind.ACCESS_ENDING: Remedy.EXTEND_ACCESS,
    AttentionKind.KEY_ENDING: Remedy.RENEW_KEY,
}
_SILENT: Mapping[DeviceType, Remedy] = {
    DeviceType.INVERTER: Remedy.CALL_ABOUT_DEVICE,
    DeviceType.GATEWAY: Remedy.RESTART_GATEWAY,
    DeviceType.METER: Remedy.CHECK_CABLE,
    DeviceType.BATTERY: Remedy.CHECK_CABLE,
    DeviceType.WEATHER_STATION: Remedy.CHECK_CABLE,
    DeviceType.SENSOR: Remedy.CHECK_CABLE,
}
_BY_METRIC: Mapping[str, Remedy] = {
    "power_output": Remedy.READ_DISPLAY,
    "energy_total": Remedy.READ_DISPLAY,
    "energy_today": Remedy.READ_DISPLAY,
    "operating_state": Remedy.READ_DISPLAY,
    "fault_code": Remedy.LOOK_UP_CODE,
    "power_dc": Remedy.LOOK_AT_STRINGS,
    "voltage_dc": Remedy.LOOK_AT_STRINGS,
    "current_dc": Remedy.LOOK_AT_STRINGS,
    "temperature_inverter": Remedy.CLEAN_FAN,
    "battery_power": Remedy.LOOK_AT_BATTERY,
    "battery_soc": Remedy.LOOK_AT_BATTERY,
    "battery_voltage": Remedy.LOOK_AT_BATTERY,
    "battery_current": Remedy.LOOK_AT_BATTERY,
    "battery_temperature": Remedy.LOOK_AT_BATTERY,
    "voltage_ac": Remedy.ASK_ABOUT_SUPPLY,
    "frequency": Remedy.ASK_ABOUT_SUPPLY,
    "irradiance_poa": Remedy.WIPE_SENSOR,
    "irradiance_ghi": Remedy.WIPE_SENSOR,
}


def remedy(item: Attention) -> Remedy:
    """The same for the same facts, always."""
    if item.kind is AttentionKind.NEVER_HEARD:
        return Remedy.SET_UP_DEVICE if item.total or len(item.plants) > 1 else Remedy.ENTER_DEVICE
    if item.kind is AttentionKind.DEVICE_SILENT or item.quiet_since is not None:
        return _SILENT[item.device_type] if item.device_type is not None else Remedy.CALL_ABOUT_DEVICE
    if item.kind is AttentionKind.ALERT:
        return _BY_METRIC.get(item.metric or "", Remedy.LOOK_AT_DEVICE)
    return _BY_KIND[item.kind]
