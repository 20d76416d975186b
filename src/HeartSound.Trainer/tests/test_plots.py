import numpy as np

from heartsound_trainer import plots


def test_save_same_numbers_same_bytes_and_no_date(tmp_path):
    counts = np.array([[5, 1], [2, 7]])
    first, second = (plots.save(plots.confusion_matrix(counts, ["a", "b"], ["a", "b"]), tmp_path / name) for name in "xy")
    assert first.suffix == ".svg" and first.read_bytes() == second.read_bytes()
    assert b"dc:date" not in first.read_bytes()


def test_save_large_picture_is_png_and_leaves_no_old_svg(tmp_path, monkeypatch):
    figure = plots.confusion_matrix(np.array([[5, 1], [2, 7]]), ["a", "b"], ["a", "b"])
    assert plots.save(figure, tmp_path / "x").suffix == ".svg"
    monkeypatch.setattr(plots, "LARGEST_SVG", 1000)
    assert plots.save(figure, tmp_path / "x").suffix == ".png"
    assert [p.name for p in tmp_path.iterdir()] == ["x.png"]


def texts(figure, tmp_path):
    return plots.save(figure, tmp_path / "x").read_text()


def test_confusion_matrix_counts_and_shares_of_rows(tmp_path):
    drawn = texts(plots.confusion_matrix(np.array([[3, 1], [0, 0]]), ["N", "AS"], ["N", "AS"]), tmp_path)
    assert "75 %" in drawn and "25 %" in drawn


def test_roc_curve_without_both_classes_is_left_out(tmp_path):
    truth, score = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    drawn = texts(plots.roc({"all": (truth, score), "database c": (truth[::2], score[::2])}, "t"), tmp_path)
    assert "all: 0.750 (2/4)" in drawn and "database c" not in drawn


def test_calibration_shows_both_errors(tmp_path):
    alarm = np.array([True, False, True, False])
    drawn = texts(plots.calibration(alarm, np.array([0.5, 0.5, 0.5, 0.5]), np.array([1.0, 0.0, 1.0, 0.0])), tmp_path)
    assert "before: ECE 0.000" in drawn and "after: ECE 0.000" in drawn


def test_risk_coverage_marks_the_shipped_band():
    wrong = np.arange(100) % 10 == 0
    answered = np.arange(100) < 80
    figure = plots.risk_coverage(-np.arange(100.0), wrong, np.arange(100) % 2 == 0, answered)
    diamonds = [line.get_xydata()[0].tolist() for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert diamonds == [[0.8, 0.1], [0.8, 0.2]]
