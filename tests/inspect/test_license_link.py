"""Where a card's link to its licence leads."""

from __future__ import annotations

import pytest

from weightgate.inspect.licenses.link import leads_to, linked_file


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://opensource.org/licenses/MIT", "mit"),
        ("https://opensource.org/license/mit/", "mit"),
        ("https://opensource.org/license/apache-2-0", "apache-2.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0", "apache-2.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "apache-2.0"),
        ("https://choosealicense.com/licenses/apache-2.0/", "apache-2.0"),
        ("https://spdx.org/licenses/Apache-2.0.html", "apache-2.0"),
        ("https://www.gnu.org/licenses/gpl-3.0.en.html".replace(".en", ""), "gpl-3.0-or-later"),
        ("https://www.gnu.org/licenses/old-licenses/gpl-2.0.txt", "gpl-2.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.txt", "cc-by-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.en", "cc-by-sa-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0"),
        ("https://www.mozilla.org/en-US/MPL/2.0/", "mpl-2.0"),
    ],
)
def test_well_known_addresses(link: str, name: str) -> None:
    assert leads_to(link, name)


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://x.test/nc", "mit"),
        ("https://opensource.org/licenses/MIT", "apache-2.0"),
        ("https://opensource.org.x.test/licenses/MIT", "mit"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "cc-by-4.0"),
        ("https://opensource.org/licenses/MIT?but=not", "mit"),
        ("LICENSE", "mit"),
        ("", "mit"),
    ],
)
def test_any_other_address(link: str, name: str) -> None:
    assert not leads_to(link, name)


@pytest.mark.parametrize(
    ("link", "file"),
    [
        ("LICENSE", "LICENSE"),
        ("./LICENSE.md", "LICENSE.md"),
        ("LICENSE#part", "LICENSE"),
        ("https://huggingface.co/org/model/blob/main/LICENSE", "LICENSE"),
        ("https://huggingface.co/org/model/resolve/main/a/LICENSE?download=true", "a/LICENSE"),
        ("https://hf.co/org/model/raw/main/LICENSE", "LICENSE"),
        ("https://huggingface.co/org/model", ""),
        ("https://x.test/org/model/blob/main/LICENSE", ""),
    ],
)
def test_a_link_to_a_file(link: str, file: str) -> None:
    assert linked_file(link) == file
