"""The words of the overview."""

from enum import StrEnum


class View(StrEnum):
    """Which plants a page shows."""

    OVERVIEW = "overview"
    """All of them."""
    ATTENTION = "attention"
    """Those with which something is wrong."""


class AttentionKind(StrEnum):
    """What somebody is asked to look at."""

    SILENT_TOGETHER = "silent_together"
    """Several plants fell silent within ten minutes of one another."""
    PLANT_SILENT = "plant_silent"
    ALERT = "alert"
    DEVICE_ERROR = "device_error"
    DEVICE_SILENT = "device_silent"
    WEAK_STRING = "weak_string"
    MAINTENANCE_OVERDUE = "maintenance_overdue"
    NEVER_HEARD = "never_heard"
    MAINTENANCE_ENDING = "maintenance_ending"
    ACCESS_ENDING = "access_ending"
    """Somebody's right to see one plant runs out."""
    KEY_ENDING = "key_ending"
    """A script's API key runs out."""


class Remedy(StrEnum):
    """The one thing that is suggested."""

    CALL_ABOUT_POWER = "call_about_power"
    ASK_AREA = "ask_area"
    CALL_ABOUT_DEVICE = "call_about_device"
    RESTART_GATEWAY = "restart_gateway"
    CHECK_CABLE = "check_cable"
    READ_DISPLAY = "read_display"
    LOOK_UP_CODE = "look_up_code"
    LOOK_AT_STRING = "look_at_string"
    LOOK_AT_STRINGS = "look_at_strings"
    CLEAN_FAN = "clean_fan"
    LOOK_AT_BATTERY = "look_at_battery"
    ASK_ABOUT_SUPPLY = "ask_about_supply"
    WIPE_SENSOR = "wipe_sensor"
    LOOK_AT_DEVICE = "look_at_device"
    CONFIRM_MAINTENANCE = "confirm_maintenance"
    MOVE_MAINTENANCE = "move_maintenance"
    ENTER_DEVICE = "enter_device"
    SET_UP_DEVICE = "set_up_device"
    EXTEND_ACCESS = "extend_access"
    RENEW_KEY = "renew_key"
