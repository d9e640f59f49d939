"""Which steps and mistakes of dialogs have no picture in docs/dialogs.md, and why."""

from collections.abc import Iterator, Mapping, Set as AbstractSet
from typing import Any, Final

from demo.config import ROOT
from demo.dialog import texts
from demo.dialog_page import FLOWS, SECTIONS, picture_name

TARGET: Final = "config_subentries.dsmr_reader_target"
KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(FLOWS, "config"),
    "options": "options",
    **dict.fromkeys((flow for flow in FLOWS if flow.startswith("forward")), TARGET),
    "repair": "issues",
    "action": "services",
}
"""Whose texts each kind of flow shows."""

LIKE_ANOTHER: Final = "the form of dsmr_meter_replaced with a first sentence of its own"
RARE: Final = "text without a choice, of what takes hours or a broken disk to happen"
UNSEEN: Final[Mapping[str, str]] = {
    "issues.dsmr_meter_replaced_counters": LIKE_ANOTHER,
    "issues.dsmr_meter_replaced_unnumbered": LIKE_ANOTHER,
    "issues.forward_refused": RARE,
    "issues.forward_slow": RARE,
    "issues.forward_queue_damaged": RARE,
    "issues.cozify_hub_gone": RARE,
    "issues.cozify_remote_unpaid": RARE,
    "issues.iotile_gone": RARE,
    "issues.mycodo_output_list": RARE,
}
"""Steps without a picture, with the reason."""

# Steps that several systems share have pictures for some of them only.
SHARED: Final = (
    "the network or a server fails, which looks like connection_refused and is provoked in"
    " each dialog by tests/backends/flow_matrix"
)
LINE: Final = (
    "something else on a serial line, which looks like sml_not_p1 and is provoked by"
    " tests/backends/dsmr/test_flow_errors.py"
)
SYSTEM: Final = (
    "a state of the system that a person can't bring about in the dialog; provoked by the"
    " tests of its dialog"
)
LATER: Final = (
    "comes from actions or while an installation runs, and has a text in dialogs because"
    " every error has"
)
NO_PICTURE: Final[Mapping[str, AbstractSet[str]]] = {
    SHARED: {
        "answer_too_large",
        "auth_failed",
        "certificate_changed",
        "certificate_not_trusted",
        "connection_lost",
        "connection_refused",
        "empty_answer",
        "host_unknown",
        "html_answer",
        "https_needed",
        "invalid_address",
        "invalid_header",
        "invalid_json",
        "no_route",
        "not_found",
        "not_http",
        "not_https",
        "permission_denied",
        "protocol_error",
        "rate_limited",
        "redirected",
        "rejected",
        "server_error",
        "timed_out",
        "tls_failed",
        "unexpected_json",
        "unreachable",
        "unsupported",
    },
    LINE: {
        "connect_timeout",
        "encrypted",
        "esphome_log",
        "hdlc_not_p1",
        "iec_not_p1",
        "invalid_port",
        "line_lost",
        "mbus_not_p1",
        "no_data",
        "no_telegram",
        "no_telegram_network",
        "noise",
        "only_crc_errors",
        "port_failed",
        "port_held",
        "port_missing",
        "port_not_found",
        "port_not_ready",
        "port_permission",
        "telegram_rejected",
        "tic_not_p1",
        "unknown_list",
    },
    SYSTEM: {
        "cozify_bad_token",
        "cozify_han_reader",
        "cozify_hub_gone",
        "cozify_hub_offline",
        "cozify_key_refused",
        "cozify_login_needed",
        "cozify_no_hubs",
        "cozify_remote_unpaid",
        "cozify_version_gone",
        "cozify_wrong_hub",
        "dsmr_reader_api_disabled",
        "dsmr_reader_data",
        "dsmr_reader_key",
        "dsmr_reader_other_product",
        "dsmr_reader_proxy",
        "dsmr_reader_ingress",
        "iotile_archfx",
        "iotile_bad_email",
        "iotile_no_data_role",
        "iotile_password_needed",
        "mycodo_channel_no_daemon",
        "mycodo_channel_not_installed",
        "mycodo_channel_other",
        "mycodo_https_only",
        "mycodo_not_mycodo",
        "mycodo_useless_key",
        "no_recorder",
        "openmotics_legacy_gone",
        "openmotics_maintenance",
        "openmotics_no_installation",
        "openmotics_not_super",
        "openmotics_offline",
        "openmotics_terms",
        "other_unit",
    },
    LATER: {
        "dsmr_reader_telegram",
        "iotile_bad_file",
        "iotile_bad_report",
        "iotile_bad_slug",
        "iotile_is_project",
        "iotile_no_stream",
        "iotile_not_numeric",
        "iotile_not_stored",
        "iotile_out_of_range",
        "iotile_role",
        "iotile_stored_otherwise",
        "iotile_uncertain",
        "iotile_unknown_stream",
        "iotile_unknown_target",
        "iotile_wrong_unit",
        "mycodo_bad_unit",
        "mycodo_channel_down",
        "mycodo_channel_missing",
        "mycodo_channel_no_function",
        "mycodo_channel_timeout",
        "mycodo_daemon_down",
        "mycodo_daemon_frozen",
        "mycodo_database_down",
        "mycodo_no_effect",
        "mycodo_no_notes",
        "mycodo_no_pid_route",
        "mycodo_nothing_done",
        "mycodo_pid_not_running",
        "mycodo_read_only",
        "mycodo_unknown_tag",
        "mycodo_wrong_entity",
        "mycodo_wrong_fields",
        "no_statistics",
        "openmotics_bus_down",
        "openmotics_bus_timeout",
        "openmotics_incomplete_sensor",
        "openmotics_missing_action",
        "openmotics_timer",
        "openmotics_unknown_parameter",
        "openmotics_unknown_position",
    },
}
"""Errors without a picture in one of the kinds of dialogs, by the reason."""


def pictures() -> set[str]:
    """Return the names of all pictures; those of a phone end like that."""
    return {file.stem for file in (ROOT / "docs" / "images" / "dialogs").glob("*.png")}


def shown(kind: str, step: str, error: str = "") -> Iterator[str]:
    """Yield the pictures that may show a step: in any system, on any way there."""
    for flow, whose in KINDS.items():
        if whose == kind:
            for system in SECTIONS:
                yield picture_name(system, flow, step, error)


def steps() -> Iterator[tuple[str, str]]:
    """Yield all steps that users may see, with the section of their texts."""
    for kind in ("config", "options", TARGET):
        words: Any = texts(kind)
        for step in (*words["step"], *words.get("progress", {})):
            yield kind, step
    for issue in texts("issues"):
        yield "issues", issue
    for action in texts("services"):
        yield "services", action


def test_every_step_has_a_picture() -> None:
    there = pictures()
    unseen = {
        f"{kind}.{step}"
        for kind, step in steps()
        if there.isdisjoint(shown(kind, step))
    }
    assert unseen == set(UNSEEN)


def test_every_mistake_has_a_picture_or_a_reason() -> None:
    there = pictures()
    unseen = {
        error
        for kind in ("config", "options", TARGET)
        for error in texts(kind)["error"]
        if all(
            there.isdisjoint(shown(kind, step, error)) for step in texts(kind)["step"]
        )
    }
    reasons = [error for errors in NO_PICTURE.values() for error in errors]
    assert len(reasons) == len(set(reasons))
    assert unseen == set(reasons)
