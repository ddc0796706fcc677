"""Draw Resilience's last minute for the README: `make notebooks`.

HAKUTO-R Mission 2 is flown with its recorded faults and its own pilot. Telemetry ends at the height
of Resilience's last, 192 m. A picture on the ground that moves the last telemetry on with its speed
then shows the lander below the ground while it still flies.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve
from lunar_env.task import Task
from lunar_env.telemetry.course import course_of

PICTURE = Path(__file__).resolve().parent / "figures" / "last_minute.png"
LAST_FRAME_M = 192.0  # height of its last telemetry
LAST_SHOWN_M = -223.0  # the last height of the livestream, as the press noted it
SEED = 9  # of 0 to 99 the one whose first valid range is nearest to Resilience's
TRUE, BELIEVED, SHOWN, GROUND = "#1d2230", "#1668c9", "#d6263a", "#8a8378"


class LastMinute(NamedTuple):
    """Heights [m] of one flight over its time [s]; `shown_m` goes on after its end."""

    time_s: np.ndarray
    true_m: np.ndarray
    believed_m: np.ndarray
    first_range_m: float
    last_frame_s: float
    speed_m_s: float  # downwards, in the last frame
    shown_s: np.ndarray
    shown_m: np.ndarray
    zero_s: float  # when the shown height is zero
    true_at_zero_m: float


def fly(seed):
    """Return the flight of a seed."""
    task = Task("hakuto-r-m2", "as-flown", control="throttle", phase="terminal")
    flyer = Flyer(resolve("own", task))
    for _ in flyer.instants(seed):
        pass
    return flyer.recorder.flight


def first_range_m(flight):
    """Return the true height at the first valid range [m]."""
    return float(flight.quantity("privileged", "first_fix_height_m")[-1])


def last_minute():
    """Return what the picture shows."""
    flight = fly(SEED)
    course = course_of(flight)
    last = int(np.flatnonzero(course.height_m > LAST_FRAME_M)[-1])
    sent_s, speed = course.time_s[last], course.believed_descent_m_s[last]
    ends_s = (course.believed_height_m[last] - LAST_SHOWN_M) / speed
    shown_s = sent_s + np.linspace(0.0, ends_s, 200)
    shown_m = course.believed_height_m[last] - speed * (shown_s - sent_s)
    zero_s = float(np.interp(0.0, -shown_m, shown_s))
    return LastMinute(
        time_s=course.time_s,
        true_m=course.height_m,
        believed_m=course.believed_height_m,
        first_range_m=first_range_m(flight),
        last_frame_s=float(sent_s),
        speed_m_s=float(speed),
        shown_s=shown_s,
        shown_m=shown_m,
        zero_s=zero_s,
        true_at_zero_m=float(np.interp(zero_s, course.time_s, course.height_m)),
    )


def caption(shown):
    """Return the caption of the picture."""
    late_s = float(shown.time_s[-1]) - shown.zero_s
    error_m = np.nanmax(shown.believed_m - shown.true_m)
    return (
        f"The lander believes itself up to {error_m:.0f} m too high until its first valid range, at"
        f" {shown.first_range_m:.0f} m. Its last telemetry, sent at {LAST_FRAME_M:.0f} m and moved"
        f" on at {shown.speed_m_s:.0f} m/s, shows zero while it is still {shown.true_at_zero_m:.0f}"
        f" m up, {late_s:.1f} s before the impact."
    )


def draw(shown):
    """Return the figure: the whole descent, and its end enlarged."""
    figure = Figure(figsize=(9.0, 3.9), layout="constrained")
    whole, end = figure.subplots(1, 2, width_ratios=(1, 1))
    for axes in (whole, end):
        axes.axhspan(-2000, 0, color=GROUND, alpha=0.25, lw=0)
        axes.axhline(0, color=GROUND, lw=1)
        believed = {"color": BELIEVED, "lw": 5, "alpha": 0.5, "label": "believed on board"}
        axes.plot(shown.time_s, shown.believed_m, **believed)
        axes.plot(shown.time_s, shown.true_m, color=TRUE, lw=1.6, label="true")
        axes.plot(shown.shown_s, shown.shown_m, color=SHOWN, ls="--", lw=1.6,
                  label="last telemetry, moved on")  # fmt: skip
        axes.plot(shown.last_frame_s, np.interp(shown.last_frame_s, shown.time_s, shown.true_m),
                  "o", color=SHOWN)  # fmt: skip
        axes.set_xlabel("time [s]")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    whole.set_ylabel("height [m]")
    whole.set_ylim(-350, 1.05 * np.nanmax(shown.believed_m))
    whole.set_xlim(0, shown.shown_s[-1] + 1)
    whole.legend(frameon=False, loc="upper right")
    end.set_xlim(shown.last_frame_s - 2.0, shown.shown_s[-1] + 1.0)
    end.set_ylim(LAST_SHOWN_M - 25, LAST_FRAME_M + 90)
    _mark(end, shown)
    return figure


def _mark(axes, shown):
    words = {"color": TRUE, "fontsize": 9, "arrowprops": {"arrowstyle": "-", "color": TRUE}}
    axes.annotate("last telemetry", (shown.last_frame_s, LAST_FRAME_M), (12, 14),
                  textcoords="offset points", **words)  # fmt: skip
    axes.annotate(f"zero is shown:\n{shown.true_at_zero_m:.0f} m above the ground",
                  (shown.zero_s, shown.true_at_zero_m), (18, 46), textcoords="offset points",
                  **words)  # fmt: skip
    axes.annotate(f"impact, {shown.time_s[-1] - shown.zero_s:.1f} s later", (shown.time_s[-1], 0.0),
                  (22, 14), textcoords="offset points", **words)  # fmt: skip


if __name__ == "__main__":
    shown = last_minute()
    draw(shown).savefig(PICTURE, dpi=140, metadata={"Software": None})
    print(caption(shown))
