"""The whole flow on a running demo, in real browsers: from a sign-up to an operator whom the tenant sees coming.

PostgreSQL, Valkey, the workers, the web processes and the page of mails are those of `make demo`. Each step leaves a
picture in pytest's temporary directory, to be looked at: `pytest -m browser tests/saas/test_whole_story.py`.
"""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from saas.demo import cast
from tests import factories
from tests.saas.demo import process

pytestmark = pytest.mark.browser

SLUG, NAME = "lamplight", "Lamplight & Sons"
OWNER, EDITOR = "nora@lamplight.example", "ed@lamplight.example"
PASSWORD, EDITOR_PASSWORD = "seven green lanterns", "eleven red kettles"
REASON = "Ticket 4711: the price of a lamp looks wrong"
SECONDS = 60  # for what a worker does first: building a schema, sending a mail
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Pictures:
    """Numbered screenshots; what the browser complains about fails the story."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = 0

    def take(self, page: Any, name: str) -> None:
        """Keep what the page looks like, and check what every page of ours must have."""
        self.taken += 1
        page.screenshot(path=self.folder / f"{self.taken:02}-{name}.png", full_page=True)

    def ours(self, page: Any, name: str) -> None:
        """The same for a page of our own templates: one heading, one main part, a label for each field."""
        self.take(page, name)
        assert page.locator("h1").count() == page.locator("main").count() == 1, name
        assert page.title(), name
        fields = page.locator("input:not([type=hidden]):visible, select:visible, textarea:visible").all()
        assert [
            one.get_attribute("id") for one in fields if not one.evaluate("one => one.labels.length")
        ] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{name} is too wide"
        )


class Stage:
    """A running demo and browsers that know nothing of each other."""

    def __init__(self, demo: process.Demo, browser: Any, pictures: Pictures) -> None:
        self.demo, self.browser, self.pictures = demo, browser, pictures
        ports = demo.facts["ports"]
        self.apex = f"http://localhost:{ports['web']}"
        self.shop = f"http://{SLUG}.localhost:{ports['web']}"
        self.console, self.mail = demo.facts["console"], demo.facts["mail"]
        self.complaints: list[str] = []

    def person(self) -> Any:
        """Return a page of a browser that nobody has used yet."""
        page = self.browser.new_context(viewport={"width": 1100, "height": 800}).new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._stays_here)
        return page

    def open_mail(self, page: Any, to: str, name: str) -> Any:
        """Wait for the mail in the page of mails, and open the link in it as a person would; return the new tab."""
        page.goto(self.mail)
        row = page.locator("tr", has_text=to).first
        row.wait_for()
        self.pictures.ours(page, f"{name}-mails")
        row.locator("a").click()
        page.locator("h2", has_text="HTML").wait_for()
        self.pictures.ours(page, f"{name}-mail")
        frame = page.frame_locator("iframe")
        with page.expect_popup() as tab:
            frame.locator("a[href]").first.click()
        tab.value.wait_for_load_state()
        return tab.value

    def _stays_here(self, request: Any) -> None:
        if not re.match(r"(https?://([a-z0-9-]+\.)?localhost[:/]|data:|about:|blob:)", request.url):
            self.complaints.append(f"a request left this machine: {request.url}")


@pytest.fixture(scope="module")
def running() -> Iterator[process.Demo]:
    pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if shutil.which("chromium") is None:
        pytest.skip("needs Debian's chromium")
    with process.place() as directory:
        demo = process.Demo(directory / "local")
        try:
            demo.start(LEASEHOLD_CONSOLE_MFA="true")
            yield demo
            demo.end()
        finally:
            demo.close()


@pytest.fixture
def stage(running: process.Demo, tmp_path: Path) -> Iterator[Stage]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield Stage(running, browser, Pictures(tmp_path))
        browser.close()


def test_a_person_builds_a_tenant_invites_an_editor_and_sees_the_operator_who_acted_there(
    stage: Stage,
) -> None:
    owner = sign_up(stage)
    arrive(stage, owner)
    secret = set_up_an_app(stage, owner)
    add_a_passkey(stage, owner)
    invite(stage, owner)
    editor = join(stage)
    is_refused(stage, editor)
    act_as(stage, sign_in_to_the_console(stage))
    see_the_operator(stage, owner)
    come_back(stage, owner, secret)
    assert stage.complaints == []


def sign_up(stage: Stage) -> Any:
    """Sign up on the apex, confirm by the mail, and watch the schema being built."""
    page, seen = stage.person(), stage.pictures
    page.goto(stage.apex)
    seen.ours(page, "apex")
    page.click("text=Sign up")
    page.fill("#email", OWNER)
    page.fill("#name", "Nora Lind")
    page.fill("#password", PASSWORD)
    page.fill("#tenant_name", NAME)
    page.fill("#slug", SLUG)
    page.locator("#slug-state", has_text="is free").wait_for()
    seen.ours(page, "sign-up")
    page.click("button >> text=Sign up")
    page.wait_for_url("**/sign-up/sent")
    seen.ours(page, "sent")
    confirm = stage.open_mail(page, OWNER, "sign-up")
    page.close()
    confirm.set_default_timeout(SECONDS * 1000)
    seen.ours(confirm, "confirm")
    assert confirm.locator("strong", has_text=OWNER).count() == 1
    builder = stage.demo.pid_of("ddl-worker")
    os.kill(builder, signal.SIGSTOP)  # else it is ready before anybody sees the page that waits
    try:
        confirm.click("button >> text=Confirm")
        confirm.wait_for_url("**/tenants/requests/*")
        confirm.locator("[role=status]", has_text="waiting").wait_for()
        seen.ours(confirm, "building")
    finally:
        os.kill(builder, signal.SIGCONT)
    confirm.locator("h1", has_text="is ready").wait_for()  # without a click: the page goes on by itself
    seen.ours(confirm, "ready")
    return confirm


def arrive(stage: Stage, page: Any) -> None:
    """Find the tenant among one's own, and hop to its host."""
    page.goto(f"{stage.apex}/tenants")
    assert page.locator("li", has_text=f"{SLUG}.localhost").locator("text=owner").count() == 1
    stage.pictures.ours(page, "my-tenants")
    page.click(f"button[aria-label='Open {NAME}']")
    page.wait_for_url(f"{stage.shop}/")
    assert page.locator("text=Your security").count() == 1
    stage.pictures.ours(page, "shop-of-the-owner")


def set_up_an_app(stage: Stage, page: Any) -> str:
    """Set up an authenticator app; return its secret."""
    page.click("text=Your security")
    stage.pictures.ours(page, "security")
    page.click("text=Set up an authenticator app")
    stage.pictures.ours(page, "confirm-it-is-you")
    page.fill("#password", PASSWORD)
    page.click("text=Go on")
    page.wait_for_url("**/account/totp")
    secret = str(page.text_content("#secret"))
    stage.pictures.ours(page, "app")
    page.fill("#code", "000000")
    page.click("text=Turn it on")
    page.locator("[role=alert]").wait_for()
    stage.pictures.ours(page, "app-wrong-code")
    page.fill("#code", factories.code(secret))
    page.click("text=Turn it on")
    page.locator("#codes li").first.wait_for()
    stage.pictures.ours(page, "recovery-codes")
    page.click("text=I have kept them")
    page.locator("text=Authenticator app, since").wait_for()
    return secret


def add_a_passkey(stage: Stage, page: Any) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.fill("#passkey-name", "Nora's laptop")
    page.click("#passkey-add")
    page.locator("li", has_text="Passkey “Nora's laptop”").wait_for()
    stage.pictures.ours(page, "security-with-both")


def invite(stage: Stage, page: Any) -> None:
    page.goto(stage.shop)
    page.click("text=People")
    page.fill("#email", EDITOR)
    page.select_option("#role", "editor")
    stage.pictures.ours(page, "people")
    page.click("text=Send the invitation")
    page.locator("td", has_text=EDITOR).wait_for()
    stage.pictures.ours(page, "people-with-invited")


def join(stage: Stage) -> Any:
    """Accept the invitation as somebody whom Leasehold does not know yet."""
    first = stage.person()
    page = stage.open_mail(first, EDITOR, "invitation")
    first.close()
    page.set_default_timeout(SECONDS * 1000)
    stage.pictures.ours(page, "invitation")
    page.fill("#name", "Ed Wicks")
    page.fill("#password", EDITOR_PASSWORD)
    page.click("button >> text=Join")
    page.wait_for_url(f"{stage.shop}/")
    assert page.locator(f"text={EDITOR}, editor").count() == 1
    stage.pictures.ours(page, "shop-of-the-editor")
    return page


def add_a_product(stage: Stage, page: Any) -> str:
    """Add a product in the tenant's admin, as an editor may; return the address of its history."""
    page.click("text=Admin")
    stage.pictures.take(page, "admin")
    page.goto(f"{stage.shop}/admin/commerce/product/add/")
    for name, value in {"name": "Trail lamp", "slug": "trail-lamp", "sku": "LAMP-1", "price": "3900"}.items():
        page.fill(f"#id_{name}", value)
    page.fill("#id_currency", "EUR")
    stage.pictures.take(page, "admin-product")
    page.click("button[name=_save]")
    page.wait_for_url("**/admin/commerce/product/")
    link = page.locator("a", has_text="Trail lamp").first
    link.wait_for()
    stage.pictures.take(page, "admin-products")
    return str(link.get_attribute("href")).split("?", maxsplit=1)[0].replace("/change/", "/history/")


def is_refused(stage: Stage, page: Any) -> None:
    """An editor is shown no way to an admin's pages, and one who types its address is told why not."""
    history = add_a_product(stage, page)
    assert page.goto(stage.shop + history).status == 403
    stage.pictures.ours(page, "refused-history")
    page.goto(stage.shop)
    assert page.locator("td", has_text="Trail lamp").count() == 1
    assert page.locator("a[href='/people'], a[href='/record']").count() == 0
    for path, permission in (("/people", "members.read"), ("/record", "audit.read")):
        answer = page.goto(f"{stage.shop}{path}")
        assert answer.status == 403
        assert (
            page.locator("[role=alert]", has_text=f"The role editor does not include {permission}.").count()
            == 1
        )
        stage.pictures.ours(page, f"refused{path.replace('/', '-')}")
    page.click(f"text=Back to {NAME}")
    page.wait_for_url(f"{stage.shop}/")


def sign_in_to_the_console(stage: Stage) -> Any:
    """Sign an operator in, who has to set up a second factor first."""
    page = stage.person()
    page.goto(stage.console)
    stage.pictures.take(page, "console-sign-in")
    page.fill("#id_username", cast.OPERATOR.email)
    page.fill("#id_password", stage.demo.logins()["passwords"][cast.OPERATOR.email])
    page.click("button[type=submit]")
    page.wait_for_url("**/factor/**")
    secret = str(page.locator("p", has_text="Secret:").locator("code").text_content())
    stage.pictures.ours(page, "console-factor")
    page.fill("#code", factories.code(secret))
    page.click("button >> text=Set up")
    page.locator("h1", has_text="recovery codes").wait_for()
    stage.pictures.ours(page, "console-recovery-codes")
    page.click("text=go on")
    page.locator("text=Latest audit entries").wait_for()
    stage.pictures.take(page, "console")
    return page


def act_as(stage: Stage, page: Any) -> None:
    """Act as the tenant's owner with a reason; the banner and the header say so, and nothing can be changed."""
    page.goto(f"{stage.console}tenants/tenant/?q={SLUG}")
    stage.pictures.take(page, "console-tenants")
    page.locator("a", has_text=re.compile(rf"^\s*{SLUG}\s*$")).click()
    page.locator("button[value=impersonate]").wait_for()
    stage.pictures.take(page, "console-tenant")
    page.click("button[value=impersonate]")
    page.locator("#id_reason").wait_for()
    page.select_option("#id_membership", label=f"{OWNER}, owner")
    page.fill("#id_reason", REASON)
    stage.pictures.take(page, "console-reason")
    page.click("text=Go to the tenant")
    page.wait_for_url(f"{stage.shop}/impersonation?code=*")
    stage.pictures.ours(page, "impersonation")
    with page.expect_response(f"{stage.shop}/") as answer:
        page.click("button >> text=Begin")
    assert answer.value.header_value("X-Impersonated-By") == cast.OPERATOR.email
    banner = page.locator("#impersonation")
    for text in (cast.OPERATOR.email, OWNER, "read-only", REASON):
        assert text in str(banner.text_content())
    stage.pictures.ours(page, "impersonated-shop")
    assert page.goto(f"{stage.shop}/people").status == 403
    stage.pictures.ours(page, "impersonated-people-withheld")
    page.goto(stage.shop)
    page.click("text=End impersonation")
    page.locator("#password").wait_for()
    stage.pictures.ours(page, "impersonation-ended")
    assert page.locator("#impersonation").count() == 0


def see_the_operator(stage: Stage, page: Any) -> None:
    """The owner finds the operator, the reason and each request in the record."""
    page.goto(stage.shop)
    page.click("text=Record")
    page.fill("#action", "impersonation.")
    page.click("button >> text=Show")
    page.wait_for_url("**action=impersonation.*")
    for action in ("granted", "started", "request", "ended"):
        assert page.locator("tr", has_text=f"impersonation.{action}").count() >= 1, action
    asked = page.locator("tr", has_text="impersonation.request").first
    assert f"in truth {cast.OPERATOR.email}" in str(asked.text_content())
    page.locator("tr", has_text="impersonation.granted").locator("summary").click()
    assert page.locator("pre:visible", has_text=REASON).count() == 1
    stage.pictures.ours(page, "record")


def come_back(stage: Stage, page: Any, secret: str) -> None:
    """Sign in again: the password alone is not enough any more, and the passkey alone is."""
    page.goto(stage.shop)
    page.click("text=Sign out")
    page.fill("#email", OWNER)
    page.fill("#password", PASSWORD)
    stage.pictures.ours(page, "sign-in")
    page.click("button >> text=Sign in >> nth=0")
    page.wait_for_url("**/sign-in/code")
    stage.pictures.ours(page, "second-step")
    page.fill("#code", factories.code(secret, later=1))
    page.click("button >> text=Sign in")
    page.wait_for_url(f"{stage.shop}/")
    page.click("text=Sign out")
    page.click("#passkey-sign-in")
    page.locator("text=Your security").wait_for()
    page.set_viewport_size({"width": 360, "height": 740})
    for path, name in (("/", "shop"), ("/people", "people"), ("/record", "record"), ("/account", "security")):
        page.goto(f"{stage.shop}{path}")
        stage.pictures.ours(page, f"phone-{name}")
    page.emulate_media(color_scheme="dark")
    stage.pictures.ours(page, "dark-security")
