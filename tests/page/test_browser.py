"""The page in headless Chromium: nothing from a network, no error, and time moves all of it."""

import io
import shutil

import numpy as np
import pytest

from lunar_env.page import page_html
from lunar_env.task import Task

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
# WebGL without a graphics card.
SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
PATIENCE_MS = 120_000
LANDER_FOOT = """() => {
  const trace = document.getElementById("space").data.find(t => t.name === "lander");
  return Math.min(...trace.z);
}"""
CURSOR_S = "() => document.getElementById('lines').layout.shapes[0].x0"
SHOWN = "() => !player.busy && player.drawn === player.time"


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    pytest.importorskip("plotly")
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=SOFTWARE)
        yield browser
        browser.close()


class Opened:
    """A page that was opened from the disk, and everything it asked for or complained of."""

    def __init__(self, browser, path, size=(1280, 800)):
        self.requests, self.complaints = [], []
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._console)
        self.page.context.set_offline(True)
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("body[data-ready]")

    def _console(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def ask(self, script):
        self.page.wait_for_function(SHOWN)
        return self.page.evaluate(script)

    def slide(self, time_s):
        """Move the slider as a hand does."""
        slide = "(slider, t) => { slider.value = t; slider.dispatchEvent(new Event('input')); }"
        self.page.eval_on_selector("#time", slide, time_s)


@pytest.fixture(scope="module")
def path(flown, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "flight.html"
    path.write_text(page_html(flown.flight, flown.env.ground), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser, path):
    opened = Opened(browser, path)
    yield opened
    opened.page.close()
    # Of all tests of this file.
    assert opened.complaints == []
    assert opened.requests == [path.as_uri()]


def test_it_shows_the_start(opened):
    assert "HAKUTO-R" in opened.page.title()
    assert opened.ask("() => player.time") == 0.0
    assert opened.page.inner_text("#outcome").startswith("LANDED after 51.1 s")


def test_the_slider_moves_lander_cursor_and_numbers(opened, flown):
    times = flown.flight.quantity("privileged", "time_s")
    heights = flown.flight.quantity("privileged", "height_m")
    for time_s in (5.1, 30.0, 45.05):
        opened.slide(time_s)
        height = np.interp(time_s, times, heights)
        # The enlarged lander reaches a little below its foot, and the ground is not level.
        assert opened.ask(LANDER_FOOT) == pytest.approx(height, abs=8.0)
        assert opened.ask(CURSOR_S) == time_s
        readout = opened.page.inner_text("#readout")
        assert f"{time_s:.1f} s" in readout
        assert f"{opened.ask(f'() => stateAt({time_s}).height_m'):.1f} m" in readout
        assert opened.ask(f"() => stateAt({time_s}).height_m") == pytest.approx(height, rel=1e-5)


def test_a_click_on_a_time_line_goes_there(opened):
    box = opened.page.locator("#lines .nsewdrag").first.bounding_box()
    opened.page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    opened.page.wait_for_function("() => Math.abs(player.time - END_S / 2) < 0.5")
    assert opened.ask(CURSOR_S) == opened.ask("() => player.time")
    assert opened.ask("() => Number(slider.value)") == opened.ask("() => player.time")


def test_an_event_goes_to_its_time(opened, flown):
    fix = next(e for e in flown.flight.events if e.name == "first valid range")
    opened.page.get_by_role("button", name="first valid range").click()
    assert opened.ask("() => player.time") == pytest.approx(fix.time_s)


def test_keys_step_and_play(opened, flown):
    opened.slide(10.0)
    opened.page.locator("h1").click()
    period = flown.flight.mission.control_period_s
    opened.page.keyboard.press("ArrowRight")
    assert opened.ask("() => player.time") == pytest.approx(10.0 + period)
    opened.page.keyboard.press("ArrowLeft")
    assert opened.ask("() => player.time") == pytest.approx(10.0)
    opened.page.keyboard.press(" ")
    opened.page.wait_for_function("() => player.time > 10.5")
    opened.page.keyboard.press(" ")
    assert not opened.ask("() => player.playing")


def test_the_whole_descent_stays_in_view(opened):
    opened.page.select_option("#camera", "descent")
    opened.slide(0.0)
    ranges = "() => document.getElementById('space').layout.scene.zaxis.range"
    opened.page.wait_for_function("() => player.camera === 'descent'")
    first = opened.ask(ranges)
    opened.slide(40.0)
    assert opened.ask(ranges) == first
    assert first[0] < 0.0
    assert first[1] > 3000.0  # where it believes itself at the start
    opened.page.select_option("#camera", "chase")
    opened.page.wait_for_function("() => player.camera === 'chase'")
    assert opened.ask(ranges)[1] < 500.0


def test_the_picture_has_ground_lander_and_believed_lander(opened):
    image = pytest.importorskip("PIL.Image")
    opened.slide(15.0)
    opened.ask("() => 0")
    shot = opened.page.locator("#space").screenshot()
    pixels = np.asarray(image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    grey = (abs(red - green) < 12) & (abs(green - blue) < 16) & (red > 60)
    believed = (blue > red + 40) & (green > red + 15) & (blue > 90)
    foil = (red > blue + 60) & (red > green + 20)
    for found, least in ((grey, 20_000), (believed, 400), (foil, 200)):
        assert np.count_nonzero(found) > least


@pytest.mark.parametrize("size", [(390, 844), (1920, 1080)])
def test_the_page_fits_into_a_window_of_any_size(browser, path, size):
    opened = Opened(browser, path, size)
    assert opened.ask("() => document.documentElement.scrollWidth") <= size[0]
    for part in ("space", "lines"):
        box = opened.page.locator(f"#{part}").bounding_box()
        assert 300 < box["width"] < size[0]
        assert box["height"] > 400
    assert opened.complaints == []
    opened.page.close()


def test_what_has_crashed_burns_no_more(browser, fly, tmp_path):
    flight, env = fly("own", Task("hakuto-r-m2", "as-flown"))
    assert flight.outcome == "CRASHED"
    path = tmp_path / "flight.html"
    path.write_text(page_html(flight, env.ground), encoding="utf-8")
    opened = Opened(browser, path)
    flame = "() => document.getElementById('space').data.find(t => t.name === 'flame').x.length"
    opened.slide(20.0)
    assert opened.ask(flame) > 0
    opened.slide(1e9)
    assert opened.ask(flame) == 0
    assert opened.page.get_attribute("#outcome", "class") == "bad"
    assert opened.complaints == []
    opened.page.close()
