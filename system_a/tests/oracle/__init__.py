"""The alerts a recorded day must raise, worked out by brute force from the recording itself.

It shares no code with the hub: the files are parsed, the units converted, the sun placed (pvlib) and the rules judged
again here, from the prose under "The life of one alert" in the design. Slow and simple on purpose: for every sample
everything before it is looked at again, and no state is carried along.

`python -m tests.oracle [DAYS]`, run in `system_a`, prints what it expects of the demo's rules, with the recording moved
by DAYS (default 0) whole days.
"""
