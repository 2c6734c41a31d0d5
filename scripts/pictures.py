"""The README's pictures, taken of the real thing: `make pictures`.

The preview is the studio in Chromium. The chat is what the real bot has sent through HTTP to the
stand-in Bot API of the tests, drawn the way a Telegram client draws it. Both stand at the same
moment of the same conversation.
"""

import asyncio
import html
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.browser import QUIET, chromium
from tests.telegram_chat import Message
from tests.telegram_server import TelegramServer

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
PRESSES = ("Continuer", "Oui", "Partenaire ou ex")
OPERATOR = {
    "OPERATOR_NAME": "Association Exemple",
    "OPERATOR_HOST": "Hébergeur Exemple",
    "OPERATOR_CONTACT": "erreurs@example.org",
}
FRENCH = {"LANGUAGE": "fr", "LANG": "fr_FR.UTF-8"}  # Chromium writes its own fields in it
CHAT = """<!doctype html><meta charset="utf-8"><title>Relais</title><style>
* { box-sizing: border-box; margin: 0 }
body { width: 390px; font: 15px/1.36 system-ui, "Noto Sans", sans-serif; background: #dbe5d3 }
header { display: flex; gap: 12px; align-items: center; padding: 10px 14px; background: #fff;
  border-bottom: 1px solid #d5d9d2 }
header b { display: block; font-size: 16px } header small { color: #74808a; font-size: 13px }
.face { width: 40px; height: 40px; border-radius: 50%; background: #5b7f9e; color: #fff;
  display: grid; place-items: center; font-weight: 600; font-size: 18px }
main { padding: 14px 10px }
.bubble { background: #fff; border-radius: 14px 14px 14px 4px; padding: 8px 11px 6px;
  white-space: pre-wrap; overflow-wrap: anywhere }
time { display: block; text-align: right; color: #8a949c; font-size: 11px }
.row { display: flex; gap: 4px; margin-top: 4px }
.row span { flex: 1; text-align: center; padding: 9px 6px; border-radius: 8px; color: #fff;
  background: rgba(68, 92, 62, .62); font-weight: 500; font-size: 14px }
footer { margin-top: 6px; padding: 11px 16px; background: #fff; color: #9aa3aa }
</style><header><div class="face">R</div><div><b>Relais</b><small>bot</small></div></header>
<main>MESSAGES</main><footer>Message</footer>"""


def drawn(message: Message) -> str:
    """One message of the bot with its buttons, as a client shows it."""
    rows = "".join(
        f"<div class=row>{''.join(f'<span>{html.escape(one.label)}</span>' for one in row)}</div>"
        for row in message.rows
    )
    at = f"{message.edited or message.date:%H:%M}"
    return f"<div class=bubble>{html.escape(message.text)}<time>{at}</time></div>{rows}"


async def chat(browser: Browser, file: Path) -> None:
    """What a person has on the screen after these presses, from the real process."""
    async with TelegramServer() as server:
        environment = os.environ | OPERATOR | {"BOT_TOKEN": server.token, "API_BASE": server.url}
        with tempfile.TemporaryDirectory() as folder:
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=ROOT,
                env=environment | {"CACHE_DIR": folder}, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            await server.until(lambda: server.is_polled, timeout=60)
            person = server.person("Camille", language_code="fr")
            await person.start(wait=False)
            await server.until(lambda: bool(person.chat.from_bot))
            for label in PRESSES:
                await person.tap(label)
            shown = "".join(drawn(message) for message in person.chat.visible)
            bot.terminate()
            await bot.wait()
    page = await browser.new_page(viewport={"width": 390, "height": 700}, device_scale_factor=2)
    await page.set_content(CHAT.replace("MESSAGES", shown))
    await page.screenshot(path=file, full_page=True)


async def preview(browser: Browser, file: Path) -> None:
    """The studio at the same moment."""
    studio = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "studio", "--no-browser", cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    page = await browser.new_page(
        viewport={"width": 1280, "height": 900}, device_scale_factor=2, locale="fr-FR"
    )
    await page.goto(await _address(studio))
    for label in ("Commencer", *PRESSES):
        await page.locator(".chat").get_by_role("button", name=label, exact=True).click()
    await _settled(page)
    await page.screenshot(path=file)
    studio.terminate()
    await studio.wait()


async def _address(studio: asyncio.subprocess.Process) -> str:
    while studio.stdout and (line := (await studio.stdout.readline()).decode()):
        if "http://" in line:
            return line[line.index("http://") :].strip()
    raise RuntimeError("the studio did not open")


async def _settled(page: Page) -> None:
    await page.get_by_text("3919, Violences Femmes Info").wait_for()
    await page.wait_for_timeout(500)


async def main() -> None:
    """Both pictures, written to docs/images."""
    IMAGES.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=list(QUIET), env=os.environ | FRENCH
        )
        await chat(browser, IMAGES / "telegram.png")
        await preview(browser, IMAGES / "studio.png")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
