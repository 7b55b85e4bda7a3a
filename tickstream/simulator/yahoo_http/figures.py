"""Figures of a company or fund that do not move with its price. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from random import Random

from tickstream.simulator.companies import ABROAD, COMPANIES
from tickstream.simulator.listings import Kind, Listing

__all__ = ["Figures", "figures_of"]

_SECTORS = tuple(dict.fromkeys((company.sector, company.industry) for company in COMPANIES.values()))


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a company, or of a fund as far as it has such."""

    shares: int
    eps: float
    """Earnings per share of the last twelve months; what loses money has less than 0."""
    eps_next: float
    dividend: float
    """Dividends a share and year; 0 = none."""
    beta: float
    book_value: float
    employees: int
    sector: str
    industry: str
    expenses: float
    """What a fund costs a year, in percent."""
    founded: int
    """The year in which it was first traded."""


@lru_cache(maxsize=1024)
def figures_of(listing: Listing, seed: int) -> Figures:
    """The figures of `listing`."""
    chance = Random(f"{seed}:{listing.symbol}:figures")
    company = COMPANIES.get(listing.symbol)
    worth = company.worth if company else 10 ** chance.uniform(9, 11)
    level = listing.level
    fund = listing.kind in (Kind.ETF, Kind.FUND)
    loses = chance.random() < (0.03 if company and worth > 1e11 else 0.12) and not fund
    eps = level / chance.uniform(12, 45) * (-0.4 if loses else 1.0)
    pays = not loses and chance.random() < 0.65
    if company:
        sector, industry = company.sector, company.industry
    else:
        sector, industry = ABROAD.get(listing.symbol) or chance.choice(_SECTORS)
    return Figures(
        shares=max(1, round(worth / level)),
        eps=round(eps, 2),
        eps_next=round(abs(eps) * chance.uniform(0.95, 1.3), 2),
        dividend=round(level * chance.uniform(0.004, 0.04), 2) if pays or fund else 0.0,
        beta=round(chance.uniform(0.9, 1.1) if fund else chance.uniform(0.4, 2.2), 3),
        book_value=round(level / chance.uniform(1.2, 12), 3),
        employees=10 * round(sqrt(worth / 1e9) * chance.uniform(50, 400)),
        sector=sector,
        industry=industry,
        expenses=round(chance.choice((0.03, 0.08, 0.09, 0.2, 0.49, 0.84)), 2),
        founded=chance.randint(1975, 2019),
    )
