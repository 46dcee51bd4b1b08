"""What people are told when an alert opens and when it is over: in their language, in their time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language
from solarhub.alerts import urdu
from solarhub.alerts.vocabulary import AlertSeverity, Operator
from solarhub.alerts.wording import duration, quantity, quantity_beside, words_of
from solarhub.metrics import CATALOGUE

_ENGLISH_SEVERITY: Mapping[AlertSeverity, str] = MappingProxyType(
    {AlertSeverity.INFO: "For your information", AlertSeverity.WARNING: "Warning", AlertSeverity.CRITICAL: "Critical"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What is known of an alert. `title` and `message` are its row's, in English.

    `device` None: the whole plant. `own_unit`: of a metric of the organization's own. `operator` None: the rule was
    rewritten since, and nobody knows how value and threshold (in the metric's unit) were compared. `since`: when the
    breach began. `resolved_by`: the name of whoever resolved it; where it is None a good reading did, unless what was
    watched `is_gone`.
    """

    title: str
    message: str
    plant: str
    device: str | None
    rule: str
    severity: AlertSeverity
    metric: str | None
    own_unit: str | None = None
    operator: Operator | None
    value: float | None
    threshold: float | None
    since: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    is_gone: bool = False

    @property
    def lasted(self) -> timedelta:
        """From the first bad reading to its end; a device's clock may run ahead of ours, and nothing ends before it
        began."""
        return max((self.resolved_at or self.since) - self.since, timedelta(0))

    @property
    def measured(self) -> tuple[str, str] | None:
        """Value and threshold with their unit; None for what this version of the hub cannot put in words."""
        if self.metric is None or self.value is None or self.threshold is None:
            return None
        if self.metric not in CATALOGUE and self.own_unit is None:
            return None
        measured = quantity_beside(self.value, self.threshold, self.metric, self.own_unit)
        return measured, quantity(self.threshold, self.metric, self.own_unit)


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and plain text."""

    subject: str
    text: str


def opened(story: Story, *, language: Language, timezone: str, link: str) -> Words:
    """Something is wrong: what, where, since when."""
    zone = ZoneInfo(timezone)
    if language is Language.URDU:
        return _urdu_opened(story, zone, link)
    facts = [*_english_place(story), f"Since: {_english_time(story.since, zone)}"]
    if story.measured is not None:
        facts.insert(-1, "Measured: {}, threshold: {}".format(*story.measured))
    return Words(
        f"{_ENGLISH_SEVERITY[story.severity]}: {story.title} ({story.plant})",
        _paragraphs(f"{story.message}.", "\n".join(facts), _link("See all that is open:", link)),
    )


def closed(story: Story, *, language: Language, timezone: str, link: str) -> Words:
    """It is over: what it was, how long it lasted, who or what ended it."""
    zone = ZoneInfo(timezone)
    if language is Language.URDU:
        return _urdu_closed(story, zone, link)
    ended = "What was watched is no longer there." if story.is_gone else "A good reading ended it."
    if story.resolved_by:
        ended = f"{story.resolved_by} resolved it."
    facts = [*_english_place(story), f"From: {_english_time(story.since, zone)}"]
    if story.resolved_at is not None:
        facts.append(f"To: {_english_time(story.resolved_at, zone)}")
    return Words(
        f"Over: {story.title} ({story.plant})",
        _paragraphs(
            f"This is over: {story.title}. It lasted {duration(story.lasted)}. {ended}",
            "\n".join(facts),
            _link("See all that is open:", link),
        ),
    )


def _english_place(story: Story) -> list[str]:
    device = [f"Device: {story.device}"] if story.device is not None else []
    return [f"Plant: {story.plant}", *device, f"Rule: {story.rule}"]


def _english_time(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{day_and_month(Language.ENGLISH, local)} {local:%Y, %H:%M} ({zone.key})"


def _urdu_opened(story: Story, zone: ZoneInfo, link: str) -> Words:
    facts = [*_urdu_place(story), f"کب سے: {urdu.moment(story.since, zone)}"]
    said = urdu.left_to_right(story.title)
    if story.measured is not None and story.metric is not None:
        value, threshold = (urdu.left_to_right(number) for number in story.measured)
        facts.insert(-1, f"پیمائش: {value}، حد: {threshold}")
        where = urdu.isolated(story.device or story.plant)
        said = f"{where} پر {_urdu_metric(story.metric)} {value} ہے"
        if story.operator not in (None, Operator.EQ):
            said += f"، جبکہ مقررہ حد {threshold} ہے"
    return Words(
        f"{urdu.SEVERITIES[story.severity]}: {_urdu_title(story)} ({urdu.isolated(story.plant)})",
        _paragraphs(f"{said}۔", "\n".join(facts), _link("تمام کھلے الرٹ یہاں دیکھیں:", link)),
    )


def _urdu_closed(story: Story, zone: ZoneInfo, link: str) -> Words:
    ended = "جس چیز کی نگرانی ہو رہی تھی وہ اب موجود نہیں۔" if story.is_gone else "ریڈنگ دوبارہ درست ہو گئی ہے۔"
    if story.resolved_by:
        ended = f"اسے {urdu.isolated(story.resolved_by)} نے حل شدہ قرار دیا۔"
    facts = [*_urdu_place(story), f"آغاز: {urdu.moment(story.since, zone)}"]
    if story.resolved_at is not None:
        facts.append(f"اختتام: {urdu.moment(story.resolved_at, zone)}")
    return Words(
        f"مسئلہ ختم: {_urdu_title(story)} ({urdu.isolated(story.plant)})",
        _paragraphs(
            f"یہ مسئلہ ختم ہو گیا ہے: {_urdu_title(story)}۔ یہ {urdu.duration(story.lasted)} تک رہا۔ {ended}",
            "\n".join(facts),
            _link("تمام کھلے الرٹ یہاں دیکھیں:", link),
        ),
    )


def _urdu_title(story: Story) -> str:
    if story.measured is None or story.metric is None or story.operator is None:
        return urdu.left_to_right(story.title)
    where = urdu.isolated(story.device or story.plant)
    relation = urdu.RELATIONS[story.operator].format(urdu.left_to_right(story.measured[1]))
    return f"{where}: {_urdu_metric(story.metric)} {relation}"


def _urdu_metric(name: str) -> str:
    """One that the hub has no words for is the organization's own, and told by its name."""
    return urdu.METRICS.get(name) or urdu.left_to_right(words_of(name))


def _urdu_place(story: Story) -> list[str]:
    device = [f"ڈیوائس: {urdu.isolated(story.device)}"] if story.device is not None else []
    return [f"پلانٹ: {urdu.isolated(story.plant)}", *device, f"الرٹ کا اصول: {urdu.isolated(story.rule)}"]


def _link(invitation: str, link: str) -> str:
    return f"{invitation}\n{link}"


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"
