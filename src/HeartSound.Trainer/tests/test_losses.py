import math

import pytest
import torch
import torch.nn.functional as F

from heartsound_trainer import losses
from heartsound_trainer.errors import TrainerError

PLAIN = {"kind": "crossEntropy", "gamma": 2.0, "classWeights": "none", "labelSmoothing": 0.0}
LOGITS = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])  # p = (¾, ¼) and (½, ½)
HARD = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
MIXED = torch.tensor([[0.75, 0.25], [0.4, 0.6]])


def loss(target, counts=(30, 10), examples=None, **settings):
    return float(losses.build({**PLAIN, **settings}, counts, examples)(LOGITS, target))


def test_cross_entropy_is_the_mean_of_what_is_missing():
    assert loss(HARD) == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)
    assert loss(MIXED) == pytest.approx((0.75 * math.log(4 / 3) + 0.25 * math.log(4) + math.log(2)) / 2)


def test_balanced_weights_count_each_label_as_much_as_the_other():
    # Weights are 40/(2·30) = ⅔ and 40/(2·10) = 2.
    assert loss(HARD, classWeights="balanced") == pytest.approx((2 / 3 * math.log(4 / 3) + 2 * math.log(2)) / (2 / 3 + 2))
    shares = (2 / 3 * 0.75, 2 * 0.25, 2 / 3 * 0.4, 2 * 0.6)
    terms = (math.log(4 / 3), math.log(4), math.log(2), math.log(2))
    assert loss(MIXED, classWeights="balanced") == pytest.approx(sum(s * t for s, t in zip(shares, terms)) / sum(shares))


def test_cross_entropy_is_pytorchs():
    g = torch.Generator().manual_seed(1)
    logits, label, counts = torch.randn(50, 3, generator=g), torch.randint(0, 3, (50,), generator=g), (5, 20, 25)
    weight = 50 / (3 * torch.tensor(counts))
    weighted = losses.build({**PLAIN, "classWeights": "balanced"}, counts)(logits, F.one_hot(label, 3).float())
    assert torch.allclose(weighted, F.cross_entropy(logits, label, weight=weight))
    soft = torch.rand(50, 3, generator=g).softmax(1)
    smoothed = losses.build({**PLAIN, "labelSmoothing": 0.1}, counts)(logits, soft)
    assert torch.allclose(smoothed, F.cross_entropy(logits, soft, label_smoothing=0.1))


def test_focal_counts_what_is_predicted_well_less():
    assert loss(HARD, kind="focal") == pytest.approx((0.25**2 * math.log(4 / 3) + 0.5**2 * math.log(2)) / 2)
    assert loss(MIXED, kind="focal", gamma=0.0) == pytest.approx(loss(MIXED))
    sure = torch.tensor([[200.0, 0.0]], requires_grad=True)
    losses.build({**PLAIN, "kind": "focal", "gamma": 0.5}, (1, 1))(sure, HARD[:1]).backward()
    assert sure.grad.isfinite().all()


def test_binary_judges_each_label_alone():
    # Sigmoids are (¾, ½) and (½, ½); a recording may have no label, as the second.
    target = torch.tensor([[1.0, 1.0], [0.0, 0.0]])
    assert loss(target, kind="binary") == pytest.approx((math.log(4 / 3) + 3 * math.log(2)) / 4)
    # Of 60 recordings 30 and 10 have the label: presence weighs 1 and 5.
    assert loss(target, kind="binary", classWeights="balanced", examples=60) == pytest.approx((math.log(4 / 3) + (5 + 2) * math.log(2)) / 4)
    assert loss(target, kind="binary", labelSmoothing=0.2) == pytest.approx((0.9 * math.log(4 / 3) + 0.1 * math.log(4) + 3 * math.log(2)) / 4)


def test_settings_that_cannot_be_are_refused():
    for settings, said in (
        ({"kind": "hinge"}, "loss.kind is 'hinge', must be one of crossEntropy"),
        ({"classWeights": "some"}, "loss.classWeights is 'some'"),
        ({"kind": "focal", "gamma": -1.0}, "loss.gamma is -1.0"),
    ):
        with pytest.raises(TrainerError, match=said):
            losses.build({**PLAIN, **settings}, (1, 1))
    for kind, counts, examples in (("crossEntropy", (4, 0), None), ("binary", (4, 2), 4)):
        with pytest.raises(TrainerError, match="has no weight; set loss.classWeights to none"):
            losses.build({**PLAIN, "kind": kind, "classWeights": "balanced"}, counts, examples)


def test_distillation_is_the_divergence_of_softened_answers():
    teacher = torch.tensor([[2 * math.log(3), 0.0]])  # softened by 2: (¾, ¼)
    student = torch.zeros(1, 2)
    expected = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert float(losses.distillation(student, teacher, 2.0)) == pytest.approx(expected)
    assert float(losses.distillation(student.repeat(3, 1), teacher.repeat(3, 1), 2.0)) == pytest.approx(expected)
    assert float(losses.distillation(teacher + 5, teacher, 2.0)) == pytest.approx(0, abs=1e-6)


def test_distillation_of_several_labels_is_the_divergence_of_each_softened_sigmoid():
    teacher, student = torch.tensor([[2 * math.log(3), 0.0]]), torch.zeros(1, 2)  # softened by 2: ¾ and ½
    expected = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)) / 2
    assert float(losses.distillation(student, teacher, 2.0, multi_label=True)) == pytest.approx(expected, rel=1e-5)
    assert float(losses.distillation(teacher, teacher, 2.0, multi_label=True)) == pytest.approx(0, abs=1e-6)
    assert float(losses.distillation(teacher + 5, teacher, 2.0, multi_label=True)) > 0.1  # a constant means something here
