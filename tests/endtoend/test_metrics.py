"""What the device measures of itself: read as Prometheus reads it, sent as a collector gets it, and held against the verdicts that really left."""

import json
import re
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from broker import Broker
from otlp import collector
from program import OK, ROOT, SETUP, heartsound, wait_until
from supervisor import supervised

DEVICE = "bed-7"
RUN = ("run", "--simulate", "--json", "--examination-seconds", "5", "--set", f"device={DEVICE}")
PROMTOOL = shutil.which("promtool")
OPEN_METRICS = "application/openmetrics-text"


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path / "broker").start()
    yield broker
    broker.stop()


def address(service) -> str:
    return re.search(r"http://127\.0\.0\.1:\d+/metrics", service.err)[0]


def scrape(url: str, accept: str = "*/*") -> tuple[str, str]:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=30) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def values(families) -> dict[tuple, float]:
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples: dict[tuple, float], name: str, **labels) -> float:
    return samples[(name, *sorted(labels.items()))]


def libraries(pid: int) -> str:
    with open(f"/proc/{pid}/maps") as maps:
        return maps.read()


def test_scraped_counts_are_those_of_the_verdicts_on_mqtt(tmp_path, broker):
    broker.remember("witness")
    told = ("--broker", broker.address, "--set", f"outbox.folder={tmp_path / 'outbox'}", "--set", "metrics.prometheusPort=0")
    with supervised(tmp_path / "run", *RUN, *told) as service:
        service.until(lambda s: s.out.count("\n") >= 3)
        url = address(service)
        # A verdict may be given while we look: what was scraped lies between what was published before and after.
        before = service.out.count("\n")
        wait_until(lambda: value(values(parse_text(scrape(url)[1])), "heartsound_verdict_delivery_latency_seconds_count") >= before)
        kind, text = scrape(url)
        open_kind, open_text = scrape(url, OPEN_METRICS)
        service.send(signal.SIGTERM)
        done = service.wait()
    assert done.code == OK
    assert kind.startswith("text/plain; version=0.0.4") and open_kind.startswith(OPEN_METRICS)
    verdicts = [json.loads(m.payload) for m in broker.read("witness") if m.topic == f"heartsound/{DEVICE}/verdict"]
    assert [v["sequence"] for v in verdicts] == [v["sequence"] for v in done.lines]

    families = list(parse_text(text))
    samples = values(families)
    kinds = {"normal": 0, "alarm": 0, "inconclusive": 0}
    for name, labels, count in ((s[0], dict(s[1:]), v) for s, v in samples.items()):
        if name == "heartsound_verdict_count_total":
            kinds[labels["kind"]] += count
    told = int(sum(kinds.values()))
    assert before <= told <= len(verdicts)
    given = verdicts[:told]
    assert kinds == {
        "normal": sum(v["alarm"] is False for v in given), "alarm": sum(v["alarm"] is True for v in given), "inconclusive": sum(v["verdict"] == "inconclusive" for v in given)
    }
    windows = sum(count for s, count in samples.items() if s[0] == "heartsound_window_count_total")
    assert windows >= sum(v["quality"]["windows"] for v in given)
    assert value(samples, "heartsound_stage_duration_seconds_count", stage="network") == windows
    assert before <= value(samples, "heartsound_stage_duration_seconds_count", stage="store") <= len(verdicts)
    assert value(samples, "heartsound_verdict_dropped_total", at="queue") == 0
    assert value(samples, "heartsound_queue_depth", queue="outbox") <= 1
    assert value(samples, "heartsound_model_info", model=given[0]["model"]["id"], version=given[0]["model"]["version"], provider=given[0]["provider"]) == 1
    assert value(samples, "heartsound_health_level", part="broker") == 0
    assert value(samples, "target_info", service_name="heartsound", service_instance_id=DEVICE, service_version=given[0]["software"]) == 1
    assert value(samples, "process_memory_usage_bytes") > 1e7

    # The stricter parser of the newer format: names, units, buckets that only grow, the mark at the end.
    opened = list(parse_openmetrics(open_text))
    assert {f.name for f in opened if f.name != "target"} == {f.name.removesuffix("_total") for f in families if f.name != "target_info"}
    assert all(s[0] in {t[0] for t in values(opened)} for s in samples)


def test_server_answers_what_it_should_and_nothing_else(tmp_path):
    def code(url: str, method: str = "GET", **headers) -> int:
        try:
            return urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=30).status
        except urllib.error.HTTPError as e:
            return e.code

    with supervised(tmp_path, *RUN, "--set", "metrics.prometheusPort=0") as service:
        service.until(lambda s: "/metrics" in s.err)
        url = address(service)
        assert (code(url), code(url, "HEAD"), code(url + "?x=1"), code(url.replace("127.0.0.1", "localhost"))) == (200, 200, 200, 200)
        assert (code(url + "x"), code(url.removesuffix("metrics")), code(url, "POST")) == (404, 404, 405)
        assert code(url, Host="evil.example") in (400, 404), "a page of the web that points its name at this machine gets nothing"
        port = int(url.split(":")[2].split("/")[0])
        for rubbish in (b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
                raw.sendall(rubbish)
        assert code(url) == 200
        # Only this machine is asked: nothing listens on its other addresses.
        listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True).stdout if shutil.which("ss") else f"127.0.0.1:{port}"
        assert f"127.0.0.1:{port}" in listening and f"0.0.0.0:{port}" not in listening and f"*:{port}" not in listening


@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool (Debian: prometheus)")
def test_promtool_finds_nothing_wrong(tmp_path):
    with supervised(tmp_path, *RUN, "--set", "metrics.prometheusPort=0") as service:
        service.until(lambda s: s.out.count("\n") >= 1)
        text = scrape(address(service))[1]
    checked = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0 and not checked.stderr, checked
    for what, name in (("rules", "alerts.yml"), ("config", "prometheus.yml")):
        checked = subprocess.run([PROMTOOL, "check", what, ROOT / "deploy/prometheus" / name], capture_output=True, text=True)
        assert checked.returncode == 0, checked


def test_collector_gets_the_same_counts_and_the_last_ones_at_the_end(tmp_path):
    with collector() as (endpoint, received):
        with supervised(tmp_path, *RUN, "--set", f"metrics.otlpEndpoint={endpoint}", "--set", "metrics.otlpSeconds=1") as service:
            service.until(lambda s: s.out.count("\n") >= 2 and len(received) >= 2)
            service.send(signal.SIGTERM)
            done = service.wait()
        assert done.code == OK
        last = received[-1]
    assert last.scope == "HeartSound.Edge" and last.resource["service.name"] == "heartsound" and last.resource["service.instance.id"] == DEVICE
    counts = last.points["heartsound.verdict.count"]
    assert sum(point["value"] for point in counts.values()) == len(done.lines)
    assert counts[frozenset({"kind": "normal", "reason": "none"}.items())]["value"] == sum(v["alarm"] is False for v in done.lines)
    network = last.points["heartsound.stage.duration"][frozenset({"stage": "network"}.items())]
    assert network["count"] == sum(point["value"] for point in last.points["heartsound.window.count"].values()) == sum(network["buckets"])
    assert 0.001 in network["bounds"] and 5 in network["bounds"], "the buckets are the device's, not the library's"


def test_port_that_is_taken_and_collector_that_is_away_do_not_matter_to_the_verdicts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = ("--set", f"metrics.prometheusPort={port}", "--set", "metrics.otlpEndpoint=http://127.0.0.1:9", "--set", "metrics.otlpSeconds=1")
        with supervised(tmp_path, *RUN, *told) as service:
            service.until(lambda s: s.out.count("\n") >= 2 and "Metrics do not arrive" in s.err)
            assert f"Metrics cannot be offered on port {port}" in service.err and service.all("READY") == ["1"]
            assert service.err.count("Metrics do not arrive") == 1, "said once, not at every try"
            taken.close()
            service.until(lambda s: f"127.0.0.1:{port}/metrics" in s.err)
            failures = value(values(parse_text(scrape(address(service))[1])), "heartsound_event_count_total", event="metricsFailures")
            assert failures >= 2
            service.send(signal.SIGTERM)
            assert service.wait().code == OK


def test_without_metrics_nothing_of_them_is_loaded(tmp_path):
    with supervised(tmp_path / "off", *RUN) as service:
        service.until(lambda s: s.out.count("\n") >= 1)
        off = libraries(service.pid)
    for name in ("OpenTelemetry", "System.Net.HttpListener", "Kestrel"):
        assert name not in off
    with collector() as (endpoint, _), supervised(tmp_path / "on", *RUN, "--set", "metrics.prometheusPort=0", "--set", f"metrics.otlpEndpoint={endpoint}") as service:
        service.until(lambda s: s.out.count("\n") >= 1)
        on = libraries(service.pid)
    assert "OpenTelemetry" in on and "System.Net.HttpListener" in on, "then this test would see them"


@pytest.mark.parametrize("wrong", ["prometheusPort=65536", "prometheusPort=-1", "otlpEndpoint=127.0.0.1:4318", "otlpEndpoint=http://user:secret@host", "otlpProtocol=thrift", "otlpSeconds=0"])
def test_settings_that_make_no_sense_are_refused(wrong):
    done = heartsound("run", "--simulate", "--set", f"metrics.{wrong}")
    assert done.code == SETUP and f"metrics.{wrong.split('=')[0]}" in done.err
