"""The Hub's address is checked before it is asked or written down."""

from __future__ import annotations

import pytest

from weightgate.errors import Exit, InputError
from weightgate.inspect.hub.endpoint import check_endpoint
from weightgate.inspect.hub.http import HubSession


@pytest.mark.parametrize(
    "endpoint", ["https://hub.test", "http://127.0.0.1:8080", "http://[::1]:80", "https://hub.test/a/b"]
)
def test_an_address_is_kept_without_its_last_slash(endpoint: str) -> None:
    assert check_endpoint(endpoint) == check_endpoint(f"{endpoint}/") == endpoint
    assert HubSession(endpoint).endpoint == endpoint


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("", "no http or https"),
        ("hub.test", "no http or https"),
        ("ftp://hub.test", "no http or https"),
        ("http://", "no http or https"),
        ("http://hub.test:0", "no http or https"),
        ("http://[::1", "no URL"),
        ("http://127.0.0.1:99999", "no URL"),
        ("http://hub.test:port", "no URL"),
        ("http://me:S3CRET@hub.test", "a user"),
        ("http://S3CRET@hub.test", "a user"),
        ("https://hub.test?token=S3CRET", "a query"),
        ("https://hub.test/#S3CRET", "a fragment"),
        ("https://hub.test/ S3CRET", "a blank"),
        ("https://hub.test\\S3CRET", "a blank"),
        ("https://hub.test/\x1b[31m", "a blank"),
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted(endpoint: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        HubSession(endpoint) if endpoint else check_endpoint(endpoint, "endpoint")
    error = caught.value
    assert (error.where, error.code, error.exit) == ("endpoint", "bad_endpoint", Exit.INPUT)
    assert "https://host" in error.hint
    for part in (endpoint, "S3CRET"):
        assert not part or part not in error.message + error.hint
