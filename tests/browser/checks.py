"""What axe does not ask of a page: each check returns what it found, in words; nothing is as it should be.

The numbers are for referring to a check. `bad.html` fails every one of them, so that no check has gone blind.
"""

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW, WIDE = 320, 1280
MOST_TABS = 200
FOCUSABLE = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]"


def axe(page: Page) -> list[str]:
    """Return the violations of WCAG 2.2 A and AA that axe finds; the size of targets too, which it leaves out else."""
    options = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def reached_by_keyboard(page: Page) -> list[str]:
    """1: whatever can be clicked can be focused."""
    return _each(
        page,
        """one => (one.onclick || one.hasAttribute("onclick") || getComputedStyle(one).cursor === "pointer")
        && !one.closest(FOCUSABLE + ",label") """,
    )


def visible_focus(page: Page) -> list[str]:
    """2: what has the focus looks different by outline, frame or ground. Goes through the page by Tab."""
    look = """one => {
        const s = getComputedStyle(one)
        return [s.outlineStyle === "none" ? "" : s.outlineWidth + s.outlineColor, s.boxShadow, s.backgroundColor,
            s.borderColor, s.borderWidth].join()
    }"""
    found = []
    before = page.evaluate(f"[...document.querySelectorAll({FOCUSABLE!r})].map({look})")
    for _ in _tabs(page):
        at = page.evaluate(f"[...document.querySelectorAll({FOCUSABLE!r})].indexOf(document.activeElement)")
        if at >= 0 and page.evaluate(f"({look})(document.activeElement)") == before[at]:
            found.append(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
    return found


def no_trap(page: Page) -> list[str]:
    """4: Tab goes through every control, in the order of the page, and leaves it. A date has several stops."""
    every = f"[...document.querySelectorAll({FOCUSABLE!r})]"
    wanted = page.evaluate(f"{every}.filter(one => one.tabIndex >= 0 && one.checkVisibility()).length")
    stops = [page.evaluate(f"{every}.indexOf(document.activeElement)") for _ in _tabs(page)]
    visited = [one for one, before in zip(stops, [None, *stops], strict=False) if one != before]
    faults = [] if len(visited) == len(set(visited)) and visited == sorted(visited) else [f"order {visited}"]
    return faults + ([] if len(visited) == min(wanted, MOST_TABS) else [f"{len(visited)} of {wanted} controls"])


def errors_are_told(page: Page) -> list[str]:
    """5, 6: a refused form begins with a summary that leads to its fields; title and fields say so."""
    return list(
        page.evaluate("""() => {
        const found = [], alert = document.querySelector("main [role=alert]")
        if (!document.title.startsWith("错误")) found.push("title: " + document.title)
        if (!alert) found.push("no summary")
        const links = alert ? [...alert.querySelectorAll("a")] : []
        if (!links.length) found.push("the summary leads nowhere")
        for (const link of links) {
            const field = document.getElementById(link.hash.slice(1))
            if (!field) { found.push("no field " + link.hash); continue }
            if (field.getAttribute("aria-invalid") !== "true") found.push("not marked: " + link.hash)
            const told = field.getAttribute("aria-describedby")
            if (!told || !told.split(" ").every(one => document.getElementById(one)))
                found.push("not told: " + link.hash)
        }
        return found
    }""")
    )


def link_names(page: Page) -> list[str]:
    """7: the same words never lead to two places."""
    return list(
        page.evaluate("""() => {
        const places = {}
        for (const link of document.querySelectorAll("a[href]"))
            (places[link.getAttribute("aria-label") || link.textContent.trim()] ||= new Set()).add(link.href)
        return Object.entries(places).filter(([name, one]) => !name || one.size > 1).map(([name]) => "link: " + name)
    }""")
    )


def tables(page: Page) -> list[str]:
    """8: every table has a caption, heads in both directions, and each head says which."""
    return _each(
        page,
        """one => one.matches("table") && !(one.caption && one.caption.textContent.trim()
        && one.querySelector("th[scope=col]")
        && (one.querySelector("th[scope=row]") || one.querySelector("tbody td[colspan]"))
        && [...one.querySelectorAll("th")].every(th => ["row", "col"].includes(th.scope) && th.textContent.trim()))""",
    )


def charts(page: Page) -> list[str]:
    """9: a picture is named with a finding that has a number, and its table has the numbers that are drawn."""
    return _each(
        page,
        """one => {
        if (!one.matches("svg")) return false
        const figure = one.closest("figure"), name = one.getAttribute("aria-label") || ""
        if (one.getAttribute("role") !== "img" || !/\\d/.test(name)) return true
        if (!figure || !figure.querySelector("table")) return true
        const cells = new Set([...figure.querySelectorAll("td")].map(td => td.firstChild && (td.querySelector("a")
            || td).firstChild.textContent.trim()))
        const drawn = [...one.querySelectorAll("[data-v]")]
        const kinds = new Set([...one.querySelectorAll("line[stroke-width='2.5']")].map(
            line => line.getAttribute("stroke-dasharray")))
        const colours = new Set([...one.querySelectorAll("line[stroke-width='2.5']")].map(
            line => line.getAttribute("stroke")))
        return !drawn.length || !drawn.every(mark => cells.has(mark.dataset.v)) || kinds.size < colours.size
    }""",
    )


def narrow_and_large(page: Page) -> list[str]:
    """11, 12: at 320 px, with text twice as large or spaced wide, nothing sticks out or is cut off."""
    found = []
    clipped = """[...document.querySelectorAll("main *")].filter(one => {
        const s = getComputedStyle(one)
        return !one.closest(".hidden") && ["hidden", "clip"].includes(s.overflowY)
            && one.scrollHeight > one.clientHeight + 1
    }).map(one => one.outerHTML.slice(0, 200))"""
    page.set_viewport_size({"width": NARROW, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > NARROW:
        found.append(f"{wide} px wide")
        found += _each(page, f"one => one.getBoundingClientRect().right > {wide - 1}")
    page.set_viewport_size({"width": WIDE, "height": 800})
    spaced = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    for style in ("html { font-size: 200% !important }", spaced + "p { margin-bottom: 2em !important }"):
        sheet = page.evaluate_handle(
            "text => { const s = new CSSStyleSheet(); s.replaceSync(text);"
            " document.adoptedStyleSheets = [...document.adoptedStyleSheets, s]; return s }",
            style,
        )
        found += page.evaluate(clipped)
        page.evaluate("one => document.adoptedStyleSheets = document.adoptedStyleSheets.filter(s => s !== one)", sheet)
    return found


def forced_colours(page: Page) -> list[str]:
    """14: with the system's own colours, buttons, fields and marks still have a frame."""
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    found = _each(
        page,
        """one => one.matches("button, input, select, textarea, .badge, .banner")
        && !["hidden", "checkbox", "radio"].includes(one.type)
        && parseFloat(getComputedStyle(one).borderTopWidth) < 1""",
    )
    found += _each(page, "one => parseFloat(getComputedStyle(one).animationDuration) > 0")
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    return found


def language(page: Page) -> list[str]:
    """15: the page says its language, English parts say theirs; lines are 1.5 apart at least, Chinese is upright."""
    found = [] if page.evaluate("document.documentElement.lang") in {"zh-CN", "en"} else ["no language"]
    return found + _each(
        page,
        """one => {
        const own = [...one.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim()
        const s = getComputedStyle(one)
        if (!own || one.closest("svg, title, style, script")) return false
        return (/[一-龥]/.test(own) && s.fontStyle === "italic")
            || (one.matches("p, li, dd, td") && parseFloat(s.lineHeight) < 1.5 * parseFloat(s.fontSize))
    }""",
    )


CHECKS: dict[str, Callable[[Page], list[str]]] = {
    one.__name__: one
    for one in (reached_by_keyboard, link_names, tables, charts, narrow_and_large, forced_colours, language)
}
"""The checks that hold on every page, however it is reached."""
BY_TAB: dict[str, Callable[[Page], list[str]]] = {one.__name__: one for one in (visible_focus, no_trap)}
"""The checks that go through a page by Tab, which takes a while."""


def _tabs(page: Page) -> Any:
    """Press Tab until the focus leaves the page; yield after each."""
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges(); window.scrollTo(0, 0)")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return
        yield


def _each(page: Page, test: str) -> list[str]:
    """Return the beginning of every element for which a test in JavaScript holds."""
    script = f"[...document.querySelectorAll('*')].filter({test}).map(one => one.outerHTML.slice(0, 200))"
    return list(page.evaluate(script.replace("FOCUSABLE", repr(FOCUSABLE))))
