"""`python -m tests.oracle [DAYS]`: the demo's rules, and the alerts that the recorded day must raise under them."""

import sys
from zoneinfo import ZoneInfo

from tests.oracle.day import expected_of_day, nearest_to_daylight_border
from tests.oracle.measurements import demo_rules

days = int(sys.argv[1]) if len(sys.argv) > 1 else 0
clock = ZoneInfo("America/Denver")
expected = expected_of_day(demo_rules(), days)
lines = ["alerts  open  rule, and each alert: plant's own time, device, value at the moment it fired"]
for rule in demo_rules():
    alerts = [alert for alert in expected if alert.rule == rule["name"]]
    lines.append(f"{len(alerts):6}  {sum(alert.resolved_at is None for alert in alerts):4}  {rule['name']}")
    for alert in alerts:
        start = f"{alert.triggered_at.astimezone(clock):%Y-%m-%d %H:%M}"
        end = f"{alert.resolved_at.astimezone(clock):%H:%M}" if alert.resolved_at else "open "
        lines.append(f"{'':14}{start} to {end}  {alert.device}  {alert.value:.4g}")
lines.append(f"No sample's sun stands nearer to 10 degrees than {nearest_to_daylight_border(days):.4f} degrees.")
print("\n".join(lines))  # noqa: T201 - a table to read is what it is for
