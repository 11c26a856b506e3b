"""Samples and what is said about them: medians, percentiles, spread, ratios. Pure: measures nothing itself."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Better(Enum):
    """Which direction of a metric is the good one."""

    LESS = "less is better"
    MORE = "more is better"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured, in which unit, and which direction is good."""

    name: str
    unit: str
    better: Better = Better.LESS


class Role(Enum):
    """What a contender is there for."""

    DOME = "dome"
    PEER = "peer"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Contender:
    """One side of a comparison, with what it promises about the work that is measured."""

    name: str
    role: Role
    guarantees: str


@dataclass(frozen=True, slots=True)
class Series:
    """The samples of one metric of one contender, round by round."""

    contender: Contender
    metric: Metric
    rounds: tuple[tuple[float, ...], ...]

    @property
    def samples(self) -> tuple[float, ...]:
        """All samples, rounds joined."""
        return tuple(sample for each in self.rounds for sample in each)

    @property
    def medians(self) -> tuple[float, ...]:
        """The median of each round."""
        return tuple(statistics.median(each) for each in self.rounds if each)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is printed of a series."""

    count: int
    median: float
    p99: float
    best: float
    worst: float
    spread: tuple[float, float]
    """The lowest and the highest median of a round: how far one run of this machine differs from the next."""


def summary(series: Series) -> Summary:
    """The figures of a series. Raises ValueError where it has no sample."""
    samples = series.samples
    if not samples:
        raise ValueError(f"{series.contender.name} has no sample of {series.metric.name}.")
    worst_first = series.metric.better is Better.MORE
    return Summary(
        count=len(samples),
        median=statistics.median(samples),
        p99=percentile(samples, 1.0 if worst_first else 99.0),
        best=max(samples) if worst_first else min(samples),
        worst=min(samples) if worst_first else max(samples),
        spread=(min(series.medians), max(series.medians)),
    )


def percentile(samples: Sequence[float], rank: float) -> float:
    """The smallest sample that at least `rank` percent of the samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * rank / 100.0) - 1)]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How often one series holds another: of the pairs of one round each, the median, the lowest and the highest."""

    median: float
    lowest: float
    highest: float


def ratio(mine: Series, other: Series) -> Ratio | None:
    """`mine` divided by `other`, paired by round. None where a pair has nothing to divide by."""
    pairs = [a / b for a, b in zip(mine.medians, other.medians, strict=False) if b > 0]
    if not pairs:
        return None
    return Ratio(median=statistics.median(pairs), lowest=min(pairs), highest=max(pairs))


@dataclass(frozen=True, slots=True)
class Growth:
    """What a metric did from one size to the next."""

    size: float
    """How many times larger the size became."""
    figure: float
    """How many times larger the median became."""


def growth(smaller: tuple[int, Series], larger: tuple[int, Series]) -> Growth | None:
    """The growth between two sizes. None where the smaller has nothing to compare with."""
    before = summary(smaller[1]).median
    if smaller[0] <= 0 or before <= 0:
        return None
    return Growth(size=larger[0] / smaller[0], figure=summary(larger[1]).median / before)
