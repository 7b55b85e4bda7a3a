"""Headlines: invented ones, the same whenever they are asked for within an hour, and marked as simulated."""

from __future__ import annotations

from random import Random
from uuid import UUID

from tickstream.simulator.yahoo_http.answers import Document

__all__ = ["PUBLISHER", "stories"]

PUBLISHER = "Simulated News"
_HOUR = 3600
_ABOUT = (
    "{name} raises its outlook after a strong quarter",
    "{name} to open a second research site next year",
    "Why {name} was among the most discussed names this morning",
    "{name} names a new head of finance",
    "Analysts split on {name} ahead of its results",
    "{name} expands its buyback as cash piles up",
    "{name} cuts prices in a bid for market share",
    "What to expect from {name} this quarter",
    "{name} signs a five-year deal with its largest customer",
    "{name} delays a product and shares slip before they recover",
    "Suppliers of {name} report fuller order books",
    "{name} settles a long-running patent case",
)
_MARKET = (
    "Stocks drift as traders await inflation figures",
    "Chipmakers lead the market higher in quiet trading",
    "Oil slips as stockpiles build for a third week",
    "Bond yields ease after a softer jobs report",
    "Small companies outpace the giants for a second day",
    "Dollar steadies before central banks speak",
    "Gold holds near its high as buyers stay cautious",
    "Airlines gain on cheaper fuel and full planes",
    "Banks open the earnings season with few surprises",
    "Retailers warn of a slower autumn",
    "Utilities find new friends among growth investors",
    "Volatility falls to its lowest in a month",
    "Fund flows turn to Europe and Asia",
    "Homebuilders rise as mortgage rates dip",
    "Software makers slip after a run of seven weeks",
    "Copper climbs as mines report lower output",
    "Insurers count the cost of a mild storm season",
    "Shipping rates ease as ports clear their backlog",
    "Buybacks reach a record as companies sit on cash",
    "Car makers trim their forecasts for electric models",
    "Power demand lifts builders of grid equipment",
    "Investors weigh a busy week of new listings",
)


def stories(topic: str, name: str, symbols: list[str], count: int, now: float, seed: int) -> list[Document]:
    """The `count` newest stories on `topic`; those about nobody in particular have no symbols."""
    # The list is that of the hour, so that it neither changes from call to call nor grows old.
    hour = int(now // _HOUR) * _HOUR
    chance = Random(f"{seed}:{topic}:{hour}:stories")
    titles = [title.format(name=name) for title in (_ABOUT if symbols else _MARKET)]
    chance.shuffle(titles)
    age = chance.uniform(60, 1200)
    found = []
    for title in titles[:count]:
        found.append(_story(title, symbols, int(hour - age), chance))
        age += chance.uniform(600, 3 * _HOUR)
    return found


def _story(title: str, symbols: list[str], published: int, chance: Random) -> Document:
    slug = "-".join("".join(letter for letter in word if letter.isalnum()) for word in title.lower().split())
    image = f"https://s.yimg.com/simulated/{slug}.jpg"
    return {
        "uuid": str(UUID(int=chance.getrandbits(128), version=4)),
        "title": title,
        "publisher": PUBLISHER,
        "link": f"https://finance.yahoo.com/news/simulated-{slug}-{published}.html",
        "providerPublishTime": published,
        "type": "STORY",
        "thumbnail": {"resolutions": [{"url": image, "width": 1500, "height": 1000, "tag": "original"}]},
        "relatedTickers": symbols,
    }
