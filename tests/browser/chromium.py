# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, spoken to in the DevTools protocol over two pipes: no port, no library."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Chromium:
    """One browser; `with Chromium() as browser`."""

    @staticmethod
    def is_there():
        return shutil.which("chromium") is not None

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="umtrace-chromium-")
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def hand_over():  # the browser reads from 3 and writes to 4
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
             "--user-data-dir=" + self.home, "--remote-debugging-pipe", "about:blank"],
            preexec_fn=hand_over, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.home})
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.count, self.events = b"", 0, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.write_end)
        os.close(self.read_end)
        shutil.rmtree(self.home, ignore_errors=True)

    def receive(self, deadline):
        """The next message, or None when the time is over."""
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                return None
            piece = os.read(self.read_end, 1 << 20)
            if not piece:
                raise RuntimeError("the browser is gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, timeout=60, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data):]
        deadline = time.monotonic() + timeout
        while (answer := self.receive(deadline)) is not None:
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self.events.append(answer)
        raise RuntimeError("%s: no answer" % method)

    def open(self, path, **options):
        return Page(self, path, **options)


class Page:
    """A page from a file. Everything the browser complains of is kept in `complaints`."""

    def __init__(self, browser, path, script=True, width=1280, height=900, dark=False, media=""):
        self.browser, self.complaints, self.requests = browser, [], []
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        self.target = target
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(domain + ".enable")
        self.resize(width, height)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        started = time.monotonic()
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait_for("Page.loadEventFired")
        self.load_s = time.monotonic() - started

    def call(self, method, **params):
        return self.browser.call(method, session=self.session, **params)

    def wait_for(self, method, timeout=60):
        deadline = time.monotonic() + timeout
        while True:
            for event in self.browser.events:
                if event.get("sessionId") == self.session and event["method"] == method:
                    self.browser.events.remove(event)
                    return
            message = self.browser.receive(deadline)
            if message is None:
                raise RuntimeError("no %s" % method)
            self.browser.events.append(message)

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)

    def run(self, expression):
        """The value of an expression in the page; also where the page's own scripts are off."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError("%s: %s" % (expression, answer["exceptionDetails"]))
        return answer["result"].get("value")

    def settle(self):
        """Until what was drawn is on the screen."""
        self.run("new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))")

    def key(self, key, code=None, text=None, modifiers=0):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key,
                      modifiers=modifiers,
                      windowsVirtualKeyCode={"Tab": 9, "Enter": 13, "ArrowLeft": 37,
                                             "ArrowRight": 39}.get(key, 0),
                      **({"text": text} if text and kind == "keyDown" else {}))

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y):
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def gather(self):
        """Takes over what the browser has reported: console, exceptions, violations, requests."""
        self.run("0")
        for event in [e for e in self.browser.events if e.get("sessionId") == self.session]:
            self.browser.events.remove(event)
            method, params = event["method"], event["params"]
            if method == "Runtime.consoleAPICalled":
                self.complaints.append("console: %s" % params["args"])
            elif method == "Runtime.exceptionThrown":
                self.complaints.append("exception: %s" % params["exceptionDetails"])
            elif method == "Log.entryAdded":
                self.complaints.append("log: %s" % params["entry"]["text"])
            elif method == "Audits.issueAdded":
                self.complaints.append("issue: %s" % params["issue"])
            elif method == "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])

    def picture(self, path, whole=False):
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
