import json
import re
import shutil

import pytest

import fabricate
from fabricate import FIVE, MANY, TWO
from heartsound_trainer import report, tasks
from heartsound_trainer.errors import TrainerError


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(report, "DRAWS", 20)
    monkeypatch.setattr(tasks, "TASKS", {task.name: task for task in (TWO, FIVE, MANY)})


def text(path):
    """The page without its pictures and config."""
    page = re.sub(r'src="data:[^"]*"', "", path.read_text())
    return page[: page.index("<h2>Config")]


def test_report_run_holds_every_figure_its_interval_and_the_probes_beside_it(tmp_path):
    page = text(report.report(fabricate.run(tmp_path / "r", TWO)))
    for word in ("0.876 [0.812, 0.932]", "0.889", "0.111", "0.050", "0.810 [0.770, 0.850]", "0.750 [0.600, 0.900]", "0.778", "0.424", "0.892 [0.865, 0.917]", "0.736"):
        assert word in page, word
    assert page.index("probe: noise floor only") < page.index("0.892 [0.865, 0.917]")
    for word in ("abc123def456", "17", "not a medical device", "Nobody &lt;2026&gt;", "The database letter alone.", "1: first"):
        assert word in page, word
    assert "What did not run" not in page


def test_report_page_needs_no_network_and_has_all_pictures(tmp_path):
    folder = fabricate.run(tmp_path / "r", TWO)
    page = report.report(folder).read_text()
    assert "http" not in re.sub(r'src="data:[^"]*"', "", page)
    assert {p.stem for p in (folder / "plots").iterdir()} == {"learning", "roc", "confusion", "calibration", "risk", "databases"}
    assert page.count("<img ") == 6 and page.count('src="data:image/') == 6


def test_report_twice_gives_the_same_bytes(tmp_path):
    folder = fabricate.run(tmp_path / "r", TWO)
    once = report.report(folder).read_bytes()
    assert report.report(folder).read_bytes() == once


def test_report_members_have_curves_of_their_own(tmp_path):
    folder = fabricate.run(tmp_path / "r", TWO, members=3)
    assert list(report.histories([folder])) == ["member 0", "member 1", "member 2"]


@pytest.mark.parametrize(("task", "drawn"), [(TWO, 7), (FIVE, 7), (MANY, 3)])
def test_report_cross_validation_of_every_kind_of_task(tmp_path, task, drawn):
    folder = fabricate.cross_validation(tmp_path / "cv", task)
    page = report.report(folder)
    assert page.read_text().count("<img ") == drawn
    assert "none of the 150 groups lies in more than one fold" in text(page)
    assert "run0-fold4" in text(page)


def test_report_group_in_two_folds_is_said(tmp_path):
    page = text(report.report(fabricate.cross_validation(tmp_path / "cv", TWO, torn=True)))
    assert "1 of 150 groups lie in more than one fold, such as g0-0: this protocol leaks" in page


def test_report_uses_the_calibration_of_each_fold(tmp_path):
    folder = fabricate.cross_validation(tmp_path / "cv", TWO)
    tuned = folder / "run0-fold3" / "calibration.json"
    tuned.write_text(json.dumps(fabricate.TUNED | {"threshold": 0.99}))
    found = report.predictions(folder, TWO, cross=True)
    assert set(found.tuned["threshold"][found.fold == "3"]) == {0.99}
    assert set(found.tuned["threshold"][found.fold != "3"]) == {0.4}


def test_report_what_did_not_run_is_named(tmp_path):
    folder = fabricate.cross_validation(tmp_path / "cv", TWO, folds=2)
    for path in (folder / "run0-fold1").iterdir():
        path.unlink()
    cv = json.loads((folder / "cv.json").read_text())
    del cv["probes"]
    (folder / "cv.json").write_text(json.dumps(cv))
    page = text(report.report(folder))
    for word in ("Of the protocol ran 1 runs × 2 folds; the whole is 1 runs × 5 folds", "Not finished: run0-fold1.", "noise floor only» did not run", "no calibration.json"):
        assert word in page, word


def test_report_config_alone_gives_a_page_that_says_so(tmp_path):
    folder = fabricate.run(tmp_path / "r", TWO)
    for name in ("metrics.json", "predictions.csv", "history.csv", "run.json", "calibration.json"):
        (folder / name).unlink()
    page = text(report.report(folder))
    assert "No figures: metrics.json is not there" in page and "No predictions.csv" in page


def test_report_other_folder_says_what_to_name(tmp_path):
    with pytest.raises(TrainerError, match="no config.json; name a folder below --out"):
        report.report(tmp_path)


def test_report_logits_of_other_labels_stop(tmp_path):
    folder = fabricate.run(tmp_path / "r", TWO)
    shutil.copy(fabricate.run(tmp_path / "other", FIVE) / "predictions.csv", folder)
    with pytest.raises(TrainerError, match="evaluate anew"):
        report.report(folder)


def test_claims_every_project_with_and_without_ours(tmp_path):
    folders = [
        fabricate.cross_validation(tmp_path / "honest", TWO, model="resnet18"),
        fabricate.cross_validation(tmp_path / "theirs", TWO, {"name": "published", "note": "windows"}, folds=1, model="resnet18"),
        fabricate.cross_validation(tmp_path / "lodo", TWO, "leave-one-database-out", model="tiny"),
    ]
    rows = {row["task"]: row for row in report.claims(folders)}
    assert list(rows) == ["physionet2016", "bmdhs", "circor", "pascal-ab", "yaseen"]
    ours = rows["physionet2016"]
    assert "balanced accuracy 0.876 [0.812, 0.932]" in ours["under"]["grouped"]["resnet18"]
    assert "(ran 1 runs × 1 folds of 1 runs × 5 folds)" in ours["under"]["published"]["resnet18"]
    assert list(ours["other"]) == ["tiny, leave-one-database-out"]
    printed = report.claims_text(folders)
    for word in ("accuracy 0.800–0.850 (resnet18)", "accuracy 0.711 (murmur-cnn)", "accuracy 0.823 (vgg16)", "not found", "ours, by subject    not run", "not a medical device"):
        assert word in printed, word
    page = report.claims_page(folders, tmp_path / "claims.html").read_text()
    assert page.count("<tr>") == 2 + 5 + len(report.published()["references"])
    assert "http" not in page


def test_claims_pascal_honest_figures_are_of_set_b_alone(tmp_path):
    set_b = TWO.__class__(**{**TWO.__dict__, "name": "pascal"})
    row = {row["task"]: row for row in report.claims([fabricate.cross_validation(tmp_path / "b", set_b, model="vgg16")])}["pascal-ab"]
    assert "vgg16" in row["under"]["grouped"] and not row["under"]["published"]


def test_claims_every_number_has_a_source():
    published = report.published()
    for claim in [c for project in published["projects"] for c in project["claims"]] + published["references"]:
        assert claim["source"]
        assert claim["value"] is not None or "not found" in claim["source"] or "no number" in claim["source"]


def test_claims_folder_without_cv_says_what_to_run(tmp_path):
    with pytest.raises(TrainerError, match="heartsound_trainer cv"):
        report.claims([tmp_path])
