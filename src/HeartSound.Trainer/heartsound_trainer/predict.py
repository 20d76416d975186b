"""Logits of windows, and what they say of a recording."""

from dataclasses import dataclass

import numpy as np
import torch

from .features import Windows
from .tasks import Record, Task


@dataclass
class Recordings:
    """Verdict material of a part: one row a recording that has any window."""

    records: list[Record]
    logits: np.ndarray  # (R, labels) mean over accepted windows; over all windows where none was accepted
    has_good: np.ndarray  # (R,) bool: some window was accepted
    without_windows: list[Record]  # shorter than a window, or unreadable

    def targets(self, task: Task) -> np.ndarray:
        """(R, labels) of 0 and 1."""
        result = np.zeros((len(self.records), len(task.labels)))
        for i, record in enumerate(self.records):
            result[i, list(record.labels)] = 1
        return result

    @property
    def database(self) -> np.ndarray:
        return np.array([r.database for r in self.records])

    @property
    def group(self) -> np.ndarray:
        return np.array([r.group for r in self.records])

    @property
    def good(self) -> np.ndarray:
        return np.array([r.good for r in self.records])


def window_logits(model: torch.nn.Module, features: np.ndarray, rows: np.ndarray, batch: int = 64) -> np.ndarray:
    """(len(rows), labels) of windows ``rows`` of (windows, mel, frames) features."""
    model.eval()
    device = next(model.parameters()).device
    result = []
    with torch.no_grad():
        for first in range(0, len(rows), batch):
            x = torch.from_numpy(features[rows[first : first + batch]].astype(np.float32)).unsqueeze(1)  # (B, 1, M, T)
            result.append(model(x.to(device, memory_format=torch.channels_last)).float().cpu().numpy())
    return np.concatenate(result)


def aggregate(windows: Windows, rows: np.ndarray, logits: np.ndarray) -> Recordings:
    """Mean logit of each recording over ``rows``, which holds usable windows only (sampler.usable)."""
    of = windows.record[rows]
    count = np.bincount(of, minlength=len(windows.records))
    total = np.stack([np.bincount(of, logits[:, k], minlength=len(windows.records)) for k in range(logits.shape[1])], 1)
    accepted = np.bincount(of, windows.accepted[rows], minlength=len(windows.records)) > 0
    has = count > 0
    return Recordings(
        records=[r for r, there in zip(windows.records, has) if there],
        logits=total[has] / count[has, None],
        has_good=accepted[has],
        without_windows=[r for r, there in zip(windows.records, has) if not there],
    )


def joined(parts: list[Recordings]) -> Recordings:
    return Recordings(
        records=[r for part in parts for r in part.records],
        logits=np.concatenate([part.logits for part in parts]),
        has_good=np.concatenate([part.has_good for part in parts]),
        without_windows=[r for part in parts for r in part.without_windows],
    )
