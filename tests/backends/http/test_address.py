"""Input in a field for a host."""

import pytest

from custom_components.junction.backends.http import InvalidAddressError, base_url


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.168.1.5", "https://192.168.1.5"),
        (" 192.168.1.5:8443 ", "https://192.168.1.5:8443"),
        ("mycodo.local", "https://mycodo.local"),
        ("mycodo.local/proxy/", "https://mycodo.local/proxy"),
        ("https://example.com/a b/%2F/", None),
        ("https://example.com/a%20b/%2F/?x=1#/login", "https://example.com/a%20b/%2F"),
        ("HTTP://Example.com:80/", "http://example.com"),
        ("http://example.com:443", "http://example.com:443"),
        ("fe80::1", "https://[fe80::1]"),
        ("[fe80::1]:444", "https://[fe80::1]:444"),
        ("http://fe80::1/x", "http://[fe80::1]/x"),
        ("fe80::1%eth0", "https://[fe80::1%eth0]"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("192.168.1.5:7777/api?at=10:00 h", "https://192.168.1.5:7777/api"),
        ("192.168.1.5/a:b", "https://192.168.1.5/a:b"),
        ("mycodo.local#/login", "https://mycodo.local"),
        # With slashes that were forgotten, doubled, or of another system.
        ("http:mycodo.local", "http://mycodo.local"),
        ("HTTP:/mycodo.local:80", "http://mycodo.local"),
        ("https//mycodo.local", "https://mycodo.local"),
        ("http:mycodo.local:8080", "http://mycodo.local:8080"),
        ("http:///mycodo.local", "http://mycodo.local"),
        ("//mycodo.local/", "https://mycodo.local"),
        ("https://http://mycodo.local", "http://mycodo.local"),
        ("http:\\\\mycodo.local\\x", "http://mycodo.local/x"),
        # As a page or a chat wraps it, and as other keyboards write it.
        ("<http://mycodo.local/>", "http://mycodo.local"),
        ("'mycodo.local'", "https://mycodo.local"),
        ("\u200bmycodo.local\ufeff", "https://mycodo.local"),
        ("mycodo.local : 8443", "https://mycodo.local:8443"),
        ("mycodo.local 8443", "https://mycodo.local:8443"),
        ("mycodo.local:", "https://mycodo.local"),
        ("mycodo.local.", "https://mycodo.local."),
        ("１９２.168.1.5：80", "https://192.168.1.5:80"),
        ("", None),
        ("   ", None),
        ("https://", None),
        ("ftp://example.com", None),
        ("user:secret@example.com", None),
        ("https://user@example.com", None),
        ("user:pa:ss@example.com", None),
        ("@example.com", None),
        ("ws://example.com", None),
        ("http://ftp://example.com", None),
        ("example.com:0", None),
        ("example.com:80:81", None),
        # Python raises UnicodeError when it asks for these.
        ("mycodo..local", None),
        (f"{'a' * 64}.local", None),
        (".".join(["a" * 50] * 6), None),
        ("my%20host", None),
        ("ho$t", None),
        ("example.com\x00", None),
        ("[]:80", None),
        ("example.com:99999", None),
        ("example.com:port", None),
        ("my host", None),
        ("[::1", None),
    ],
)
def test_base_url(typed: str, url: str | None) -> None:
    if url is not None:
        assert str(base_url(typed)).rstrip("/") == url
        return
    with pytest.raises(InvalidAddressError) as caught:
        base_url(typed)
    assert caught.value.key == "invalid_address"
    assert caught.value.__cause__ is None


def test_defaults_are_for_bare_hosts() -> None:
    def of(typed: str) -> str:
        return str(base_url(typed, scheme="http", port=8893))

    assert of("hub").rstrip("/") == "http://hub:8893"
    assert of("hub:80/x") == "http://hub/x"
    assert of("hub/x") == "http://hub:8893/x"
    assert of("https://hub/x") == "https://hub/x"
