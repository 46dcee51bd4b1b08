"""`sites.configuration`: what is installed, how it hangs on the grid, and under which rules its energy is paid.

Every key is optional: a plant is watched before anybody has filled in a form. What is refused is the impossible, not
the unusual; limits that a regulator moves (how much of the sanctioned load may be exported, and since when) are no
business of a value object.
"""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from solarhub.kit.errors import FieldError
from solarhub.kit.fields import Choice, Flag, Number, Several, Whole
from solarhub.kit.refusals import did_you_mean, path, shown
from solarhub.kit.texts import Day, Text
from solarhub.kit.values import Contradiction, Value
from solarhub.sites.vocabulary import BillingRegime, ExportMode, PlantKind

# a gigawatt
_LARGEST_KW = 1_000_000

_DISCO = Text(32, r"[a-z0-9_]{2,}", "a distribution company's code: 2 to 32 of a-z, 0-9 and underscore")
_CATEGORY = Text(32, r"[a-z][a-z0-9_]+", "a category's code of a-z, 0-9 and underscore, such as commercial_b2")
_NUMBER_ON_PAPER = Text(40, r"[A-Za-z0-9][A-Za-z0-9 /-]*", "up to 40 letters, digits, blanks, hyphens and slashes")

# The schedule of tariffs, S.R.O. 06(I)/2019: family, sub-code in brackets or as bills print it, phase code, T for time
# of use. Sub-codes are not told apart by family: distribution companies print them differently.
_TARIFF = Text(
    16,
    r"(?:A-[1-3]|B-[1-4]|C-[1-3]|D-[12]|E-[12]|K-[12]|[FGHJ](?:-[1-3])?)(?:\([a-d]\)|[a-d])?(?:\([0-9]{2}\))?T?",
    "a code of the tariff schedule, such as A-1(a), A-2(c), B-2(b), D-1 or A-1b(03)T",
)


class BillingPeriod(Value):
    """One agreement's regime from its first to its last day, both included; without a last day it runs on."""

    regime: Annotated[BillingRegime, Choice(BillingRegime)] = Field(title="Net metering or net billing")
    valid_from: Annotated[date, Day()] = Field(title="First day")
    valid_to: Annotated[date, Day()] | None = Field(default=None, title="Last day")
    agreement_no: Annotated[str, Text(60)] | None = Field(default=None, title="Number of the agreement")

    def contradictions(self) -> Iterator[Contradiction]:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            yield Contradiction(("valid_to",), "is before valid_from", f"{self.valid_from} or later")


class Configuration(Value):
    """Power in kW, energy in kWh, angles in degrees: the tilt from the horizontal, the azimuth clockwise from north."""

    system_capacity_kw: Annotated[float, Number(0.01, _LARGEST_KW, "kW")] | None = Field(
        default=None, title="System capacity (kW)"
    )
    panel_count: Annotated[int, Whole(1, 10_000_000, "panels")] | None = Field(default=None, title="Number of panels")
    panel_wattage: Annotated[float, Number(1, 2000, "W")] | None = Field(default=None, title="Power of a panel (W)")
    inverter_capacity_kw: Annotated[float, Number(0.01, _LARGEST_KW, "kW")] | None = Field(
        default=None, title="Inverter capacity (kW)"
    )
    battery_capacity_kwh: Annotated[float, Number(0, 10_000_000, "kWh")] | None = Field(
        default=None, title="Battery capacity (kWh)"
    )
    grid_connected: Annotated[bool, Flag()] | None = Field(default=None, title="Connected to the grid")
    net_metering_enabled: Annotated[bool, Flag()] | None = Field(default=None, title="Net metering")
    disco_provider: Annotated[str, _DISCO] | None = Field(default=None, title="Distribution company (code)")
    tariff_category: Annotated[str, _CATEGORY] | None = Field(default=None, title="Tariff category")
    installation_date: Annotated[date, Day()] | None = Field(default=None, title="Installed on")
    warranty_expiry: Annotated[date, Day()] | None = Field(default=None, title="Warranty ends on")
    plant_kind: Annotated[PlantKind, Choice(PlantKind)] | None = Field(default=None, title="Kind of plant")
    export_mode: Annotated[ExportMode, Choice(ExportMode)] | None = Field(default=None, title="Export to the grid")
    phases: Annotated[int, Choice((1, 3))] | None = Field(default=None, title="Phases (1 or 3)")
    sanctioned_load_kw: Annotated[float, Number(0.01, _LARGEST_KW, "kW")] | None = Field(
        default=None, title="Sanctioned load (kW)"
    )
    approved_export_kw: Annotated[float, Number(0, _LARGEST_KW, "kW")] | None = Field(
        default=None, title="Approved export (kW)"
    )
    reference_no: Annotated[str, _NUMBER_ON_PAPER] | None = Field(default=None, title="Reference number on the bill")
    meter_no: Annotated[str, _NUMBER_ON_PAPER] | None = Field(default=None, title="Meter number")
    feeder: Annotated[str, Text(100)] | None = Field(default=None, title="Feeder")
    tariff_code: Annotated[str, _TARIFF] | None = Field(default=None, title="Tariff code on the bill")
    billing_regimes: Annotated[tuple[BillingPeriod, ...], Several(50)] | None = Field(
        default=None, title="Billing regimes, in order of time"
    )
    generator_kva: Annotated[float, Number(0, 100_000, "kVA")] | None = Field(default=None, title="Generator (kVA)")
    tilt_deg: Annotated[float, Number(0, 90, "degrees")] | None = Field(
        default=None, title="Tilt from the horizontal (degrees)"
    )
    azimuth_deg: Annotated[float, Number(0, 360, "degrees")] | None = Field(
        default=None, title="Azimuth, clockwise from north (degrees)"
    )
    tags: Annotated[tuple[Annotated[str, Text(50)], ...], Several(50, unique=True)] | None = Field(
        default=None, title="Tags"
    )

    def contradictions(self) -> Iterator[Contradiction]:
        if self.installation_date and self.warranty_expiry and self.warranty_expiry < self.installation_date:
            yield Contradiction(
                ("warranty_expiry",), "is before installation_date", f"{self.installation_date} or later"
            )
        yield from self._unit_mistake()
        yield from self._grid()
        yield from _overlaps(self.billing_regimes or ())

    def _unit_mistake(self) -> Iterator[Contradiction]:
        """Watts taken for kilowatts, or the reverse, are a factor of 1000; DC/AC ratios and spare panels are not 10."""
        if self.system_capacity_kw is None or self.panel_count is None or self.panel_wattage is None:
            return
        panels_kw = self.panel_count * self.panel_wattage / 1000
        if not panels_kw / 10 <= self.system_capacity_kw <= panels_kw * 10:
            yield Contradiction(
                ("system_capacity_kw",),
                f"does not fit {self.panel_count} panels of {self.panel_wattage} W, which make {panels_kw:g} kW",
                f"a number of kW within ten times of {panels_kw:g}",
            )

    def _grid(self) -> Iterator[Contradiction]:
        if self.plant_kind is PlantKind.OFF_GRID:
            if self.grid_connected:
                yield Contradiction(("grid_connected",), "cannot be true for an off-grid plant", "false")
            if self.disco_provider is not None:
                yield Contradiction(("disco_provider",), "has no meaning for an off-grid plant", "no value")
            if self.approved_export_kw:
                yield Contradiction(("approved_export_kw",), "cannot be above 0 for an off-grid plant", "0 kW")
            if self.export_mode not in {None, ExportMode.NONE}:
                yield Contradiction(("export_mode",), "an off-grid plant exports nothing", [ExportMode.NONE.value])
        elif self.plant_kind is PlantKind.ON_GRID and self.grid_connected is False:
            yield Contradiction(("grid_connected",), "cannot be false for an on-grid plant", "true")
        if self.net_metering_enabled and (
            self.grid_connected is False or self.plant_kind is PlantKind.OFF_GRID or self.export_mode is ExportMode.NONE
        ):
            yield Contradiction(("net_metering_enabled",), "cannot be true for a plant that cannot export", "false")


def _overlaps(periods: tuple[BillingPeriod, ...]) -> Iterator[Contradiction]:
    for index, (earlier, later) in enumerate(pairwise(periods), start=1):
        if earlier.valid_to is None:
            yield Contradiction(
                ("billing_regimes", index - 1, "valid_to"), "only the last period may run on", "the period's last day"
            )
        elif later.valid_from <= earlier.valid_to:
            yield Contradiction(
                ("billing_regimes", index, "valid_from"),
                "overlaps the period before it; periods stand in order of time",
                f"a day after {earlier.valid_to}",
            )


def unknown_disco(code: str, known: Collection[str], prefix: str = "configuration") -> FieldError:
    """The error for a distribution company that the database does not list; `known` are the codes that it does."""
    return FieldError(
        field=path((prefix, "disco_provider")),
        value=shown(code),
        message="is not a distribution company that is known here" + did_you_mean(code, known),
        allowed=sorted(known),
    )
