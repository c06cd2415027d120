"""Every address in each of its states: for everybody, in both languages, on a phone and on a wide screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Response

from siskop.mail import switches
from siskop.web.app import create_app
from tests.end_to_end import scene as scenes
from tests.end_to_end.house import House, link
from tests.end_to_end.pages import NO_PAGE, PAGES, State
from tests.end_to_end.scene import Scene
from tests.end_to_end.visitor import Visitor

AXE = "() => axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
MOST_REQUESTS = 10
MOST_BYTES = 100_000
LANGUAGES = {"id": "", "en": "/en"}
SCREENS = {1280: "light", 360: "dark"}
ONE_EACH = {"id": {1280: "light"}, "en": {360: "dark"}}


class Tour:
    """One browser a person, kept for the whole file."""

    def __init__(self, house: House, browser: Browser, scene: Scene) -> None:
        self.house, self.browser, self.scene = house, browser, scene
        self.axe = Axe().axe_script
        self.visitors: dict[str, Visitor] = {}
        self.reset = ""

    def visitor(self, who: str) -> Visitor:
        if who.startswith("holder:"):
            who = self.scene.holders[who.partition(":")[2]].partition("@")[0]
        if who not in self.visitors:
            self.visitors[who] = Visitor(self.browser, self.house.url, f"{who}@siskop.test" if who else "")
            if who:
                self.visitors[who].sign_in()
        return self.visitors[who]

    def path(self, path: str) -> str:
        if "{reset}" in path:
            return self.reset or self._ask_for_reset()
        office = asdict(self.scene.office)
        stop = switches.address(office["secretary"], "draft-expires").removeprefix(self.house.url)
        return path.format(slug=self.scene.slug, stop=stop, **self.scene.numbers, **office)

    def _ask_for_reset(self) -> str:
        self.house.worker_on()
        forgetful = Visitor(self.browser, self.house.url)
        forgetful.open("/lupa-sandi")
        forgetful.page.fill("[name=email]", "siap@siskop.test")
        forgetful.page.locator("main form button.btn-primary").click()
        self.reset = link(self.house.mail("siap@siskop.test", "andi")).removeprefix(self.house.url)
        forgetful.leave()
        return self.reset

    def look(self, state: State, language: str, screens: Mapping[int, Any] = SCREENS) -> list[str]:
        """Every fault of the page in this state: axe's on these screens, by width with the colour scheme."""
        visitor = self.visitor(state.who)
        page, heard = visitor.page, []
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")
        listen = partial(_documents, heard)
        page.on("response", listen)
        page.goto(LANGUAGES[language] + self.path(state.path))
        if state.then:
            state.then(visitor)
            page.wait_for_load_state()
        page.remove_listener("response", listen)
        faults = [] if heard[-1] == state.status else [f"status {heard[-1]}"]
        faults += [] if page.locator("html").get_attribute("lang") == language else ["in another language"]
        page.evaluate(self.axe)
        for width in (1280, 360, 320):
            faults += self._at(visitor, width, screens.get(width))
        faults += visitor.faults
        visitor.faults.clear()
        return faults

    def _at(self, visitor: Visitor, width: int, scheme: Any) -> Iterator[str]:
        """Without a colour scheme only whether it fits."""
        visitor.page.set_viewport_size({"width": width, "height": 800})
        if over := visitor.page.evaluate(TOO_WIDE):
            yield f"{over}px too wide at {width}"
        if not scheme:
            return
        visitor.page.emulate_media(color_scheme=scheme)
        for found in visitor.page.evaluate(AXE)["violations"]:
            nodes = [node["html"][:160] for node in found["nodes"]][:3]
            yield f"{found['id']} at {width}: {found['help']} {nodes}"


def _documents(heard: list[int], response: Response) -> None:
    if response.request.is_navigation_request():
        heard.append(response.status)


@pytest.fixture(scope="module")
def scene(house: House) -> Scene:
    return scenes.build()


@pytest.fixture(scope="module")
def tour(house: House, chromium: Browser, scene: Scene) -> Tour:
    return Tour(house, chromium, scene)


def test_every_address_is_in_the_table(house: House) -> None:
    known = {rule.endpoint for rule in create_app(house.world.settings).url_map.iter_rules()}
    assert known == PAGES.keys() | NO_PAGE.keys()


@pytest.mark.parametrize("endpoint", PAGES)
def test_a_page_is_for_everybody_in_each_of_its_states(tour: Tour, endpoint: str) -> None:
    """Each language on one of the two screens; `make proof` has both on both."""
    _look_at(tour, endpoint, ONE_EACH)


@pytest.mark.proof
@pytest.mark.parametrize("endpoint", PAGES)
def test_a_page_is_for_everybody_in_both_languages_on_both_screens(tour: Tour, endpoint: str) -> None:
    _look_at(tour, endpoint, dict.fromkeys(LANGUAGES, SCREENS))


def _look_at(tour: Tour, endpoint: str, screens: Mapping[str, Mapping[int, str]]) -> None:
    faults = {
        f"{state.name or state.path} ({language})": found
        for state in PAGES[endpoint]
        for language in LANGUAGES
        if (found := tour.look(state, language, screens[language]))
    }
    assert not faults, "\n".join(f"{where}: {'; '.join(found)}" for where, found in faults.items())


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in PAGES if endpoint.startswith("public.")])
def test_a_public_page_is_light_and_keeps_nothing(tour: Tour, endpoint: str) -> None:
    """Everything that a first visit loads, over the wire."""
    for state in PAGES[endpoint]:
        visitor = Visitor(tour.browser, tour.house.url)
        sizes: list[int] = []
        visitor.page.on("requestfinished", partial(_weigh, sizes))
        visitor.page.goto(tour.path(state.path), wait_until="networkidle")
        assert len(sizes) <= MOST_REQUESTS, f"{len(sizes)} requests at {state.path}"
        assert sum(sizes) <= MOST_BYTES, f"{sum(sizes)} bytes at {state.path}"
        assert visitor.context.cookies() == []
        visitor.leave()


def _weigh(sizes: list[int], request: Any) -> None:
    found = request.sizes()
    sizes.append(found["responseBodySize"] + found["responseHeadersSize"])


def test_when_the_database_is_away_the_page_says_so(tour: Tour) -> None:
    world = tour.house.world
    with psycopg.connect(world.servers.url("admin", "postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{world.database}" ALLOW_CONNECTIONS false')
        try:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (world.database,)
            )
            faults = [tour.look(State("/koperasi?q=jauh", status=503), language) for language in LANGUAGES]
        finally:
            admin.execute(f'ALTER DATABASE "{world.database}" ALLOW_CONNECTIONS true')
    assert faults == [[], []]


def test_a_fault_of_ours_has_its_page(tour: Tour) -> None:
    with tour.house.world.connect("owner") as owner:
        owner.execute("ALTER TABLE register.version RENAME TO away")
    try:
        faults = [tour.look(State("/koperasi/{slug}?anew", status=500), language) for language in LANGUAGES]
    finally:
        with tour.house.world.connect("owner") as owner:
            owner.execute("ALTER TABLE register.away RENAME TO version")
    assert faults == [[], []]


def test_too_many_attempts_have_their_page(tour: Tour) -> None:
    hasty = tour.visitor("")
    for _attempt in range(6):
        hasty.open("/masuk")
        hasty.page.fill("[name=email]", "hasty@siskop.test")
        hasty.page.fill("[name=password]", "bukan ini")
        hasty.page.locator("main form button.btn-primary").click()
        hasty.page.wait_for_load_state()
    attempt = _attempt_as("hasty@siskop.test")
    faults = [tour.look(State("/masuk", then=attempt, status=429), language) for language in LANGUAGES]
    assert faults == [[], []]


def _attempt_as(email: str) -> Any:
    def act(visitor: Visitor) -> None:
        visitor.page.fill("[name=email]", email)
        visitor.page.fill("[name=password]", "bukan ini")
        visitor.page.locator("main form button.btn-primary").click()

    return act
