"""Make the calls of iotile-cloud's user guide, as its users do."""

from collections.abc import Callable
from datetime import UTC, datetime
import json
from pathlib import Path
import sys
from typing import Any, Final

from iotile_cloud.api.connection import Api
from iotile_cloud.stream.data import RawData, StreamData
from iotile_cloud.stream.report import AccumulationReportGenerator

from .recorder import Recorder

LISTS: Final = (
    *("account", "org", "project", "device", "variable", "vartype", "stream"),
    *("streamer", "sg", "dt", "fleet", "datablock", "alias", "filter"),
)


def data_of(made: StreamData | RawData) -> Callable[..., Any]:
    """Return a function that downloads data, and returns it."""

    def download(**options: Any) -> Any:
        made.initialize_from_server(**options)
        return made.data

    return download


def account_calls(call: Callable[..., Any], api: Api, given: dict[str, Any]) -> None:
    """Log in, and renew the token."""
    call(
        "login:wrong", Api(given["url"]).login, email=given["email"], password="guessed"
    )
    call("login", api.login, email=given["email"], password=given["password"])
    call("refresh_token", api.refresh_token)
    for kind in ("jwt", "token"):
        other = Api(given["url"], token_type=kind)
        call(
            f"login:{kind}",
            other.login,
            password=given["password"],
            email=given["email"],
        )
        again = Api(given["url"])
        again.set_token(other.token, token_type=kind)
        call(f"set_token:{kind}", again.account.get)


def object_calls(call: Callable[..., Any], api: Api, given: dict[str, Any]) -> None:
    """List and show existing objects, and change an organization."""
    for name in LISTS:
        call(f"{name}.get", getattr(api, name).get)
    new = call("org.post", api.org.post, {"name": "My new Org"})
    call("org.post:again", api.org.post, {"name": "My new Org"})
    made = api.org(new["slug"])
    # The guide leaves the name out, which the server has always required.
    call("org.put:guide", made.put, {"about": "About Org"})
    call("org.put", made.put, {"name": "My new Org", "about": "About Org"})
    call("org.patch", made.patch, {"about": "About new Org"})
    call("org(slug).get", made.get)
    call("org(slug).projects.get", made.projects.get)
    call("org.delete", made.delete)
    orgs = call("org.get:two", api.org.get)
    for org in orgs["results"]:
        slug = org["slug"]
        call(f"project.get:{slug}", api.project.get, org__slug=slug)
        call(f"org(slug).projects:{slug}", api.org(slug).projects.get)
        call(f"org(slug).extra:{slug}", api.org(slug).extra.get)
        call(f"org(slug).membership:{slug}", api.org(slug).membership.get)
    device, stream = given["device"], given["stream"]
    project = api.project(given["project"])
    call("project(id).get", project.get)
    call("project(id).extra.get", project.extra.get)
    for name in (
        "extra",
        "status",
        "properties",
        "streamers",
        "sg",
        "template",
        "mask",
    ):
        call(f"device(slug).{name}.get", getattr(api.device(device), name).get)
    call("device(slug).get", api.device(device).get)
    call("device(slug).patch", api.device(device).patch, {"label": "By the judge"})
    call("device.get:project", api.device.get, project=given["project"])
    call("stream(slug).get", api.stream(stream).get)
    call("stream.get:device", api.stream.get, device=device)
    call("variable(slug).get", api.variable(given["variable"]).get)
    call("device.get:unknown", api.device("d--0000-0000-0000-7777").get)


def data_calls(call: Callable[..., Any], api: Api, given: dict[str, Any]) -> None:
    """Download data."""
    stream = StreamData(given["stream"], api)
    call("StreamData:lastn", data_of(stream), lastn=100)
    call("StreamData:range", data_of(stream), start=given["start"], end=given["end"])
    call("StreamData:pages", data_of(stream), page_size=7, lastn=20)
    call("StreamData:unknown", data_of(StreamData("s--1--2--3", api)), lastn=1)
    raw = RawData(api)
    call("RawData:stream", data_of(raw), filter=given["stream"], start=given["start"])
    call("RawData:device", data_of(raw), filter=given["device"], lastn=5)
    call(
        "df.get",
        api.df.get,
        filter=given["device"],
        start=given["start"],
        format="json",
    )
    call("data.post", api.data.post, given["point"])
    generator = AccumulationReportGenerator(api)
    start, end = (datetime.fromisoformat(given[name]) for name in ("start", "end"))
    for name, sources in given["sources"].items():
        call(
            f"accumulate:{name}",
            generator.compute_sum,
            sources=sources,
            start=start,
            end=end,
        )


def upload_calls(
    call: Callable[..., Any], api: Api, given: dict[str, Any], folder: Path
) -> None:
    """Upload events and reports."""
    file = folder / "event.json"
    file.write_text(json.dumps({"points": [1, 2, 3]}), encoding="utf-8")
    data = {
        "stream": given["events"],
        "timestamp": given["end"],
        "encoded_extra_data": json.dumps({"peak": 3.5}),
    }
    found = call("event.upload", api.event.upload.upload_file, str(file), data=data)
    call("event(id).get", api.event(found["id"]).get)
    call("event(id).data.get", api.event(found["id"]).data.get)
    call("event.get", api.event.get, filter=given["events"])
    note = {"target": given["device"], "timestamp": given["end"], "note": "Judged"}
    call("note.post", api.note.post, note)
    call("note.get", api.note.get, target=given["device"])
    call("location.get", api.location.get, target=given["device"])
    moment = datetime.fromisoformat(given["received"]).astimezone(UTC)
    for name, content in given["reports"].items():
        report = folder / name
        report.write_bytes(bytes.fromhex(content))
        upload = api.streamer().report.upload_file
        call(
            f"report:{name}",
            upload,
            filename=str(report),
            timestamp=moment.replace(tzinfo=None).isoformat(),
        )
    call("streamer.report.get", api.streamer.report.get)


def main() -> None:
    """Make all calls, and write the report."""
    file, given = Path(sys.argv[1]), json.loads(sys.argv[2])
    recorder = Recorder()
    api = Api(given["url"])
    account_calls(recorder.call, api, given)
    object_calls(recorder.call, api, given)
    data_calls(recorder.call, api, given)
    upload_calls(recorder.call, api, given, file.parent)
    recorder.call("logout", api.logout)
    recorder.write(file, token=api.token)


if __name__ == "__main__":
    main()
