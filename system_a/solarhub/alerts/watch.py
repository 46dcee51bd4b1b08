"""All rules in force, all devices, and where each rule stands on each device: what judging moves forward."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from solarhub.alerts.compiled import CompiledRule, WatchedDevice
from solarhub.alerts.pairs import Pairs
from solarhub.alerts.rulebook import Rulebook
from solarhub.alerts.spans import Columns, Int32s, Int64s, spread
from solarhub.alerts.sun import Sun
from solarhub.devices.vocabulary import DeviceType
from solarhub.telemetry.batch import NEVER

_MICROSECOND = timedelta(microseconds=1)
_WASTE_BORNE = 4_096

Scope = tuple[UUID, UUID, DeviceType]
"""What devices have in common that the same rules watch: organization, site, type."""


class Slots(Columns):
    """Of devices. `judged_until`: all up to here are judged; `seen_until`: all up to here were handed over as well.

    `first` and `count`: their pairs. Times are those of samples, in microseconds.
    """

    EMPTY = {  # noqa: RUF012 - a table of this class, as the base asks for it
        "key": np.int32(-1),
        "judged_until": np.int64(NEVER),
        "seen_until": np.int64(NEVER),
        "longest_gap": np.int64(0),
        "sun": np.int32(0),
        "organization": np.int32(-1),
        "scope": np.int32(-1),
        "first": np.int64(0),
        "count": np.int32(0),
    }
    key: Int32s
    judged_until: Int64s
    seen_until: Int64s
    longest_gap: Int64s
    sun: Int32s
    organization: Int32s
    scope: Int32s
    first: Int64s
    count: Int32s


class Watch:
    """Devices and rules come, change and go; a pair goes on where it stood as long as both are there."""

    def __init__(self) -> None:
        self.book = Rulebook()
        self.pairs = Pairs()
        self.sun = Sun()
        self.slots = Slots()
        self.devices: dict[int, WatchedDevice] = {}
        """By key."""
        self.at: list[WatchedDevice] = []
        """By slot."""
        self._slot_by_key = np.full(1, -1, np.int32)  # its last element is for keys beyond
        self._free: list[int] = []
        self._organizations: dict[UUID, int] = {}
        self._scopes: dict[Scope, int] = {}
        self._watching: list[Int32s] = []  # by scope, the slots of its rules
        self._by_organization: dict[UUID, list[int]] = {}  # slots of rules in force
        self._wasted = 0

    # ----------------------------------------------------------------------------------------------------- looking up

    def slots_of(self, device_keys: Int32s | Sequence[int]) -> Int64s:
        """Slots of devices, -1 for those that are not watched."""
        found: Int64s = np.take(self._slot_by_key, device_keys, mode="clip").astype(np.int64)
        return found

    def judged_until(self, device_key: int) -> int:
        """In microseconds, NEVER for a device that has not been judged or is not watched."""
        slot = self._slot(device_key)
        return NEVER if slot < 0 else int(self.slots.judged_until[slot])

    def begin_at(self, device_key: int, judged_until: int) -> None:
        """All samples of a watched device up to here are judged."""
        slot = self._slot(device_key)
        self.slots.judged_until[slot] = self.slots.seen_until[slot] = judged_until

    def pair(self, device_key: int, rule_id: UUID) -> int | None:
        """Where the rule stands on the device; None where it does not watch it."""
        slot, rule = self._slot(device_key), self.book.slots.get(rule_id)
        if slot < 0 or rule is None:
            return None
        first, count = int(self.slots.first[slot]), int(self.slots.count[slot])
        (found,) = np.nonzero(self.pairs.rule[first : first + count] == rule)
        return first + int(found[0]) if len(found) else None

    def _slot(self, device_key: int) -> int:
        return int(self._slot_by_key[device_key]) if device_key < len(self._slot_by_key) else -1

    # ---------------------------------------------------------------------------------------------------------- rules

    def update_rules(self, changed: Iterable[CompiledRule], gone: Iterable[UUID] = ()) -> None:
        """Takes in rules, new or edited, and lets others go. The streaks of one that asks otherwise now start anew."""
        moved: set[UUID] = set()
        anew: list[int] = []
        for rule_id in gone:
            if rule_id in self.book.rules:
                self._by_organization[self.book.rules[rule_id].organization_id].remove(self.book.slots[rule_id])
                moved.add(self.book.rules[rule_id].organization_id)
                self.book.drop(rule_id)
        for rule in changed:
            before = self.book.rules.get(rule.id)
            slot = self.book.put(rule)
            if before is None or _scope_of(before) != _scope_of(rule):
                if before is not None:
                    self._by_organization[before.organization_id].remove(slot)
                    moved.add(before.organization_id)
                self._by_organization.setdefault(rule.organization_id, []).append(slot)
                moved.add(rule.organization_id)
            if before is not None and not rule.asks_the_same_as(before):
                anew.append(slot)
        self._find_watching(moved)
        organizations = [self._organizations[each] for each in moved if each in self._organizations]
        slots = self.slots
        self._lay(np.flatnonzero(np.isin(slots.organization[: slots.used], organizations)))
        self._begin_anew(anew)

    def _begin_anew(self, rules: Sequence[int]) -> None:
        if rules:
            pairs = np.flatnonzero(np.isin(self.pairs.rule[: self.pairs.used], rules))
            self.pairs.anew(pairs, self.book.auto_resolve[self.pairs.rule[pairs]])

    def _find_watching(self, organizations: set[UUID]) -> None:
        for scope, number in self._scopes.items():
            if scope[0] in organizations:
                self._watching[number] = self._rules_of(scope)

    def _rules_of(self, scope: Scope) -> Int32s:
        organization_id, site_id, device_type = scope
        at = self.book.at
        return np.array(
            [
                slot
                for slot in self._by_organization.get(organization_id, ())
                if at[slot].site_id in (None, site_id) and at[slot].condition.device_type in (None, device_type)
            ],
            np.int32,
        )

    # -------------------------------------------------------------------------------------------------------- devices

    def place(self, devices: Iterable[WatchedDevice]) -> list[WatchedDevice]:
        """Takes in devices, new or changed; a changed one goes on where it stood. Those that are new."""
        added, laid = [], []
        for device in devices:
            slot = self._slot(device.key)
            if slot < 0:
                slot = self._new_slot(device)
                added.append(device)
            self.devices[device.key] = self.at[slot] = device
            target = device.target
            self.slots.longest_gap[slot] = target.longest_gap // _MICROSECOND
            self.slots.sun[slot] = self.sun.place(target.latitude, target.longitude)
            self.slots.organization[slot] = self._organizations.setdefault(
                device.organization_id, len(self._organizations)
            )
            self.slots.scope[slot] = self._scope((device.organization_id, device.site_id, device.device_type))
            laid.append(slot)
        self._lay(np.array(laid, np.int64))
        return added

    def remove(self, device_keys: Iterable[int]) -> None:
        """Lets devices go, those that are not watched included."""
        slots = [slot for key in device_keys if (slot := self._slot(key)) >= 0]
        places, _ = spread(self.slots.first[slots], self.slots.count[slots])
        self.pairs.forget(places)
        self._wasted += len(places)
        for slot in slots:
            del self.devices[int(self.slots.key[slot])]
        self._slot_by_key[self.slots.key[slots]] = -1
        self.slots.clear(np.array(slots, np.int64))
        self._free += slots

    def _new_slot(self, device: WatchedDevice) -> int:
        if self._free:
            slot = self._free.pop()
        else:
            slot = self.slots.take_places(1)
            self.at.append(device)
        if device.key >= len(self._slot_by_key) - 1:
            grown = np.full(max(device.key + 2, 2 * len(self._slot_by_key)), -1, np.int32)
            grown[: len(self._slot_by_key)] = self._slot_by_key
            self._slot_by_key = grown
        self._slot_by_key[device.key] = slot
        self.slots.key[slot] = device.key
        return slot

    def _scope(self, scope: Scope) -> int:
        number = self._scopes.get(scope)
        if number is None:
            number = self._scopes[scope] = len(self._watching)
            self._watching.append(self._rules_of(scope))
        return number

    # ---------------------------------------------------------------------------------------------------------- pairs

    def _lay(self, slots: Int64s) -> None:
        """Makes the pairs of these devices those of the rules that watch them now; what stays goes on."""
        if not len(slots):
            return
        old, old_run = spread(self.slots.first[slots], self.slots.count[slots])
        scopes, scope_of = np.unique(self.slots.scope[slots], return_inverse=True)
        watching = [self._watching[scope] for scope in scopes.tolist()]
        lengths = np.array([len(rules) for rules in watching], np.int64)
        count = lengths[scope_of]
        chosen, run = spread((np.cumsum(lengths) - lengths)[scope_of], count)
        rules = np.concatenate(watching)[chosen]
        first = self.pairs.take_places(len(rules))
        new = np.arange(first, first + len(rules), dtype=np.int64)
        self.pairs.rule[new], self.pairs.device[new] = rules, slots[run]
        self._carry(old, _key(old_run, self.pairs.rule[old]), new, _key(run, rules))
        self.slots.first[slots] = first + np.cumsum(count) - count
        self.slots.count[slots] = count
        self._wasted += len(old)
        if self._wasted > max(_WASTE_BORNE, self.pairs.used // 2):
            self._close_ranks()

    def _carry(self, old: Int64s, old_keys: Int64s, new: Int64s, new_keys: Int64s) -> None:
        if len(old):
            _, kept, there = np.intersect1d(old_keys, new_keys, assume_unique=True, return_indices=True)
            self.pairs.carry(old[kept], new[there])
            self.pairs.forget(np.delete(old, kept))
            self.pairs.clear(old[kept])

    def _close_ranks(self) -> None:
        slots = np.arange(self.slots.used, dtype=np.int64)
        places, _ = spread(self.slots.first[slots], self.slots.count[slots])
        self.pairs.close_ranks(places)
        count = self.slots.count[slots].astype(np.int64)
        self.slots.first[slots] = np.cumsum(count) - count
        self._wasted = 0


def _key(run: Int64s, rules: Int32s) -> Int64s:
    return (run << 32) | rules


def _scope_of(rule: CompiledRule) -> tuple[object, ...]:
    return rule.organization_id, rule.site_id, rule.condition.device_type
