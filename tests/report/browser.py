# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A browser for tests that sees all that goes wrong in a page, and what it asks of a network."""

import contextlib
import json
import shutil
import time

import pytest

#: How long a page may take before a test fails, seconds; two processors are shared by many tests.
PATIENCE = 30.0

#: In JavaScript: all elements of a selector, also in the trees of their own that Bokeh's parts have.
_FIND_ALL = """
const find = (root, selector) => [...root.querySelectorAll(selector), ...[...root.querySelectorAll("*")]
  .flatMap((element) => element.shadowRoot ? find(element.shadowRoot, selector) : [])];
"""

#: Where a point of a figure is on the screen: figure by its axis' label, point by a column and its value.
_FIND_POINT = """
const [label, column, value] = arguments;
for (const made of Bokeh.documents) for (const figure of made.all_models) {
  if (figure.type !== "Figure" || !figure.below[0].axis_label.startsWith(label)) continue;
  for (const renderer of figure.renderers) {
    const data = renderer.data_source?.data ?? {};
    const row = Array.from(data[column] ?? []).indexOf(value);
    if (row < 0) continue;
    const view = Bokeh.index.find_one_by_id(figure.id);
    view.el.scrollIntoView({ block: "center" });
    const { left, top } = view.el.getBoundingClientRect();
    return [left + view.frame.x_scale.compute(data.x[row]), top + view.frame.y_scale.compute(data.y[row])];
  }
}
return null;
"""


def requireBrowser():
    """Skip a test where there is no browser; return the paths of it and of its driver."""
    pytest.importorskip("bokeh", reason="the extra report is not installed")
    pytest.importorskip("selenium", reason="selenium is not installed")
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("there is no Chromium with a chromedriver (Debian: chromium, chromium-driver)")
    return browser, driver


@contextlib.contextmanager
def openBrowser(downloads, isDark=False, width=1200, height=900):
    """Open a browser without a window; yields a `Browser`."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    browser, driver = requireBrowser()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--hide-scrollbars", f"--window-size={width},{height}",
                     *(["--force-dark-mode"] if isDark else [])):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        # Narrower than a window may be.
        started.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        started.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        yield Browser(started)
    finally:
        started.quit()


class Browser:
    """What tests do in a browser.

    Parameters
    ----------
    driver : `selenium.webdriver.Chrome`
        The browser.
    """

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, anchor=""):
        """Open a page, also if it is open already, and wait until it is ready."""
        self.driver.get("about:blank")
        self.driver.get(path.absolute().as_uri() + anchor)
        self.wait("return document.body.dataset.state === 'ready'")

    def busySeconds(self):
        """Return the processor time that the thread of the page has taken, seconds."""
        metrics = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "ThreadTime")

    def run(self, script, *args):
        """Run a script, which may use `find`, in the page."""
        return self.driver.execute_script(_FIND_ALL + script, *args)

    def wait(self, script, *args):
        """Wait until a script returns what is true; return it."""
        end = time.monotonic() + PATIENCE
        while not (found := self.run(script, *args)):
            problem = self.run("return document.getElementById('problem')?.textContent")
            assert time.monotonic() < end, f"still not: {script}; the page says {problem!r}"
            time.sleep(0.02)
        return found

    def texts(self, selector):
        """Return the texts of all elements of a selector."""
        return self.run("return find(document, arguments[0]).map((each) => each.textContent.trim())",
                        selector)

    def type(self, selector, text):
        """Write into a field as a person does."""
        field = self.driver.find_element("css selector", selector)
        field.clear()
        field.send_keys(text)

    def click(self, selector):
        """Click on an element."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})",
                                   self.driver.find_element("css selector", selector))
        self.driver.find_element("css selector", selector).click()

    def findPoint(self, label, column, value):
        """Return where on the screen a point of a figure is, pixels."""
        return self.wait(_FIND_POINT, label, column, value)

    def move(self, place, isClick=False):
        """Move the pointer, and click there if asked to."""
        events = [("mouseMoved", {}), ("mouseMoved", {})]
        if isClick:
            events += [(kind, {"button": "left", "clickCount": 1}) for kind in ("mousePressed",
                                                                                "mouseReleased")]
        for kind, more in events:
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent",
                                        {"type": kind, "x": place[0], "y": place[1], **more})

    def waitForTip(self, text):
        """Wait until the tip of a hover tool has a text."""
        self.wait("return find(document, '.bk-tooltip-content').some((each) => "
                  "each.textContent.includes(arguments[0]))", text)

    def findProblems(self):
        """Return the errors of the console and the requests to a network since the last call."""
        problems = [entry["message"] for entry in self.driver.get_log("browser")
                    if entry["level"] in ("WARNING", "SEVERE")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith(("file://", "data:", "blob:", "about:")):
                    problems.append(f"asked a network for {url}")
        return problems
