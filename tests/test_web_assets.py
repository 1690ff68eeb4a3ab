"""Vendored files are those that were vetted, and no page needs more than it may."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[1] / "web"
VENDOR = WEB / "static" / "vendor"
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
OWN = sorted(file for file in (WEB / "static").glob("*.*"))


def test_vendored_files_are_the_vetted_ones_and_no_more() -> None:
    packages = json.loads((VENDOR / "vendor.json").read_text("utf-8"))
    listed = {
        name: sha for package in packages for name, sha in package["files"].items()
    }

    assert {file.name for file in VENDOR.iterdir()} == {*listed, "vendor.json"}
    for name, expected in listed.items():
        digest = hashlib.sha384((VENDOR / name).read_bytes()).digest()
        assert f"sha384-{base64.b64encode(digest).decode()}" == expected, name


def test_vendored_packages_tell_version_and_licence() -> None:
    for package in json.loads((VENDOR / "vendor.json").read_text("utf-8")):
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["licence"]
        assert any(name.endswith(".LICENSE") for name in package["files"])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_template_has_nothing_that_the_policy_forbids(template: Path) -> None:
    text = template.read_text("utf-8")

    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", text)
    assert not re.search(r"https?://", text)


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.name)
def test_static_file_asks_no_other_machine(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?://|//[a-z]+\.", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_form_that_posts_carries_its_token(template: Path) -> None:
    text = template.read_text("utf-8")

    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert "csrf_token()" in form
