"""Tells people that alerts opened and closed: works out who is to hear of what, and leaves the sending to the outbox.

Nobody hears twice of the same, whatever is repeated: the outbox takes each message of an alert, event, way and
recipient once. Nobody hears that something is over who never heard that it began. Ways that are not served yet are
passed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from solarhub.alerts import messages
from solarhub.alerts.messages import Story
from solarhub.alerts.queries import delivery as queries
from solarhub.alerts.queries.delivery import Heard, Listener, Subject, Waiting
from solarhub.alerts.schemas import AlertAnswer
from solarhub.alerts.vocabulary import AlertEvent, Channel
from solarhub.kit.db import Session, as_machine
from solarhub.kit.sealing import Keyring
from solarhub.notifications.message import Message
from solarhub.notifications.outbox import post
from solarhub.notifications.reporting import Sent
from solarhub.notifications.vocabulary import Way
from solarhub.organizations.roles import PERMISSIONS, Permission, of_guest

_AT_ONCE = 200
_MEMBERS = [role for role, held in PERMISSIONS.items() if Permission.ALERTS_READ in held]
_GUESTS = [role for role in PERMISSIONS if Permission.ALERTS_READ in of_guest(role)]
_OPENED, _CLOSED = "alert.opened", "alert.closed"


async def tell(session: Session, keyring: Keyring, public_url: str) -> int:
    """Posts the messages of up to 200 announcements, oldest first; how many of these are settled."""
    claimed = await queries.claim(session, at_most=_AT_ONCE)
    if not claimed:
        return 0
    opened = {each.alert_id for each in claimed if each.event is AlertEvent.OPENED}
    closed = {each.alert_id for each in claimed if each.event is AlertEvent.CLOSED}
    unheard = opened & closed
    elsewhere = await queries.opening_in_hand(session, closed - unheard) if closed - unheard else set[UUID]()
    settled = [each for each in claimed if each.alert_id not in elsewhere]
    news = [each for each in settled if each.alert_id not in unheard]
    if news:
        await post(session, keyring, await _messages(session, news, f"{public_url}/"))
    if settled:
        await queries.mark_addressed(session, settled)
    return len(settled)


async def note(session: Session, sent: list[Sent]) -> None:
    """Writes on alerts who was told of them, each once (an OnSent hook); messages about anything else are passed over.

    A person stands there by their id: the address is the organization's business, and guests of a plant read alerts.
    """
    about = [(each.subject_id, each.event, each.channel, each.recipient) for each in sent if each.event in _EVENTS]
    if not about:
        return
    told: dict[UUID, list[str]] = defaultdict(list)
    for each in await queries.who_were_told(session, about):
        told[each.alert_id].append(f"{each.channel}:{each.user_id or each.recipient}")
    noted = await queries.notes_of_deliveries(session, told)
    added = {
        alert_id: list(dict.fromkeys([*before, *told[alert_id]]))
        for alert_id, before in noted.items()
        if not set(told[alert_id]) <= set(before)
    }
    if added:
        await as_machine(session)
        await queries.note_deliveries(session, added)


_EVENTS = frozenset({_OPENED, _CLOSED})


# ---------------------------------------------------------------------------------------------------- who hears what


@dataclass(frozen=True)
class _Audience:
    """Who may hear of the alerts at hand. People by organization and by site, webhooks by organization."""

    people: Mapping[UUID, list[Listener]]
    webhooks: Mapping[UUID, list[UUID]]

    def people_of(self, subject: Subject) -> Iterable[Listener]:
        """Each of them once, however many ways lead to the plant."""
        alert = subject.alert
        heard = [*self.people.get(alert.organization_id, ()), *self.people.get(alert.site_id, ())]
        return {each.user_id: each for each in heard if each.preferences.notifications.email}.values()

    def webhooks_of(self, subject: Subject) -> list[UUID]:
        return self.webhooks.get(subject.alert.organization_id, [])


async def _messages(session: Session, news: list[Waiting], link: str) -> list[Message]:
    found = await queries.subjects(session, {each.alert_id for each in news})
    heard_here = {alert_id: subject for alert_id, subject in found.items() if subject.is_heard}
    if not heard_here:
        return []
    audience = await _audience(session, heard_here.values())
    over = {each.alert_id for each in news if each.event is AlertEvent.CLOSED} & heard_here.keys()
    knows: dict[UUID, list[Heard]] = defaultdict(list)
    if over:
        await queries.withdraw(session, over, _OPENED)
        for each in await queries.heard(session, over, _OPENED):
            knows[each.alert_id].append(each)
    return [
        message
        for each in news
        if each.alert_id in heard_here
        for message in (
            _of_opening(heard_here[each.alert_id], audience, link)
            if each.event is AlertEvent.OPENED
            else _of_closing(heard_here[each.alert_id], audience, knows[each.alert_id], link)
        )
    ]


async def _audience(session: Session, subjects: Iterable[Subject]) -> _Audience:
    organization_ids = {subject.alert.organization_id for subject in subjects}
    site_ids = {subject.alert.site_id for subject in subjects}
    people: dict[UUID, list[Listener]] = defaultdict(list)
    for listener in [
        *await queries.members(session, organization_ids, _MEMBERS),
        *await queries.guests(session, site_ids, _GUESTS),
    ]:
        people[listener.place_id].append(listener)
    webhooks: dict[UUID, list[UUID]] = defaultdict(list)
    for organization_id, webhook_id in await queries.webhooks(session, organization_ids):
        webhooks[organization_id].append(webhook_id)
    return _Audience(people, webhooks)


def _of_opening(subject: Subject, audience: _Audience, link: str) -> Iterator[Message]:
    if Channel.EMAIL in subject.rule.channels:
        for listener in audience.people_of(subject):
            yield _letter(subject, _OPENED, listener, link)
    if Channel.WEBHOOK in subject.rule.channels:
        for webhook_id in audience.webhooks_of(subject):
            yield _call(subject, _OPENED, webhook_id)


def _of_closing(subject: Subject, audience: _Audience, knows: list[Heard], link: str) -> Iterator[Message]:
    """For those who heard of the opening and still belong: whoever left meanwhile hears nothing more."""
    people = {each.user_id for each in knows if each.channel == Way.EMAIL}
    webhooks = {each.recipient for each in knows if each.channel == Way.WEBHOOK}
    for listener in audience.people_of(subject):
        if listener.user_id in people:
            yield _letter(subject, _CLOSED, listener, link)
    for webhook_id in audience.webhooks_of(subject):
        if str(webhook_id) in webhooks:
            yield _call(subject, _CLOSED, webhook_id)


def _letter(subject: Subject, event: str, listener: Listener, link: str) -> Message:
    write = messages.opened if event == _OPENED else messages.closed
    preferences = listener.preferences
    words = write(_story(subject), language=preferences.language, timezone=preferences.timezone, link=link)
    return Message(
        channel=Way.EMAIL,
        recipient=listener.email,
        event=event,
        subject=words.subject,
        text=words.text,
        organization_id=subject.alert.organization_id,
        user_id=listener.user_id,
        subject_id=subject.alert.id,
    )


def _call(subject: Subject, event: str, webhook_id: UUID) -> Message:
    alert = subject.alert
    return Message(
        channel=Way.WEBHOOK,
        recipient=str(webhook_id),
        event=event,
        subject=alert.title,
        text=alert.message,
        organization_id=alert.organization_id,
        subject_id=alert.id,
        payload=AlertAnswer.model_validate(alert).model_dump(mode="json"),
    )


def _story(subject: Subject) -> Story:
    alert, condition = subject.alert, subject.rule.condition
    asks_as_then = (condition.metric, condition.threshold) == (alert.metric_name, alert.threshold_value)
    return Story(
        title=alert.title,
        message=alert.message,
        plant=subject.plant,
        device=subject.device,
        rule=subject.rule.name,
        severity=alert.severity,
        metric=alert.metric_name,
        own_unit=subject.own_unit,
        operator=condition.operator if asks_as_then and not condition.unreadable else None,
        value=alert.metric_value,
        threshold=alert.threshold_value,
        since=subject.since,
        resolved_at=alert.resolved_at,
        resolved_by=subject.resolved_by,
        is_gone=subject.is_gone,
    )
