"""Chromium without a window, spoken to through two pipes by its DevTools protocol."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time

# Only ends a hang; nothing is timed.
PATIENCE = 300


class Browser:
    def __init__(self):
        self.program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not self.program:
            raise RuntimeError("there is no chromium: Tests/tools/install-packages.sh templates")
        self.folder = tempfile.mkdtemp(prefix="outlast-browser-")
        self.log = open(os.path.join(self.folder, "log"), "wb")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        options = [
            "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.folder}/profile", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--disable-extensions", "--hide-scrollbars", "--force-device-scale-factor=1",
        ]
        if os.getuid() == 0:
            # Its own sandbox refuses to be set up by root, which containers of CIs often are.
            options.append("--no-sandbox")
        # The pipes are descriptors 3 and 4, whatever numbers they have here.
        line = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(
            ["bash", "-c", line, self.program, *options, "about:blank"], pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, "XDG_CACHE_HOME": self.folder})
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = ours_in, ours_out
        self.rest, self.number, self.events = b"", 0, []

    def end(self):
        try:
            self.send("Browser.close")
        except (RuntimeError, OSError):
            self.process.kill()
        self.process.wait(PATIENCE)
        for number in (self.reader, self.writer):
            os.close(number)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self):
        until = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reader], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.reader, 1 << 20) if ready else b""
            if not piece:
                with open(self.log.name, encoding="utf-8", errors="replace") as file:
                    raise RuntimeError(f"chromium has gone: {file.read()[-3000:]}")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, session=None, **parameters):
        """The answer to a command; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method, session):
        while True:
            for event in self.events:
                if event.get("method") == method and event.get("sessionId") == session:
                    return event
            self.events.append(self.read())


class Page:
    """One page, opened at a width and in a scheme of colours."""

    def __init__(self, browser, path, width, scheme="light", scripts=True):
        self.browser, self.width, browser.events = browser, width, []
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        browser.events = []
        self.send("Page.navigate", url="file://" + path)
        browser.wait("Page.loadEventFired", self.session)

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def ask(self, expression):
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def close(self):
        self.browser.send("Target.closeTarget", targetId=self.target)

    def requests(self):
        """The addresses that were asked for."""
        return [event["params"]["request"]["url"] for event in self.browser.events
                if event.get("method") == "Network.requestWillBeSent"]

    def complaints(self):
        """What the console has to say, and what went wrong."""
        found = []
        for event in self.browser.events:
            if event.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                found.append(json.dumps(event["params"]))
        return found

    def press_tab(self):
        for kind in ("rawKeyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)

    def height(self):
        return min(16_000, self.ask("document.documentElement.scrollHeight"))

    def picture(self, path):
        import base64
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": self.width, "height": self.height(), "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def pdf(self, path):
        import base64
        answer = self.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))
