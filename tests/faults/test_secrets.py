"""What opens a door stands nowhere: in no log however talkative, in no trace, in no answer."""

from __future__ import annotations

from tests.support.process import run, serving

SECRET = "s3cret-of-the-admin"


def test_a_key_is_in_no_log_of_server_or_client_at_any_level() -> None:
    with serving("--demo", "--log-level", "debug", ADMIN_API_KEY=SECRET) as served:
        source = f"ws://{served.netloc}"
        talkative = ("--log-level", "debug", "--debug", "--source", source)
        watched = run("watch", "AAPL", "--json", "--count", "1", *talkative, TICKSTREAM_API_KEY=SECRET)
        quoted = run("quotes", "AAPL", "--once", "--json", *talkative, TICKSTREAM_API_KEY=f"wrong-{SECRET}")
    assert (watched.returncode, quoted.returncode) == (0, 5)
    assert "Traceback" in quoted.stderr
    said = "\n".join((*served.log, watched.stderr, watched.stdout, quoted.stderr, quoted.stdout))
    assert "refused reason=key" in said
    assert SECRET not in said
