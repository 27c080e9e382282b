"""The image in the README: the overview of the sandbox's accounts."""

import os
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser import needs_browser

from .checks import loaded
from .console import open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

IMAGE = Path(__file__).parents[2] / "docs/console.png"
# The mean difference of two images, from 0 to 1, both reduced to 64 x 40 pixels: fonts differ between machines.
DIFFERENCE = """async (images) => {
  const pixels = await Promise.all(images.map(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 40 })
    const context = canvas.getContext('2d')
    context.imageSmoothingQuality = 'high'
    context.drawImage(image, 0, 0, 64, 40)
    return context.getImageData(0, 0, 64, 40).data
  }))
  return pixels[0].reduce((sum, value, place) => sum + Math.abs(value - pixels[1][place]), 0) / pixels[0].length / 255
}"""


async def test_image_shows_the_overview() -> None:
    """To make the image anew: UPDATE_IMAGE=1 make test TESTS=tests/console/test_readme_image.py"""
    async with open_console(viewport={"width": 1280, "height": 800}) as console:
        await expect(console.page.get_by_role("figure").first).to_be_visible()
        await loaded(console.page)
        shown = await console.page.screenshot(animations="disabled")
        if os.environ.get("UPDATE_IMAGE"):
            IMAGE.write_bytes(shown)
        images = [b64encode(image).decode() for image in (shown, IMAGE.read_bytes())]
        assert await console.page.evaluate(DIFFERENCE, images) < 0.03
