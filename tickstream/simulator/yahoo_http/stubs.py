"""Rows of what is known and has no price: symbols that were renamed or delisted. Pure."""

from __future__ import annotations

from tickstream.simulator.yahoo_http.answers import Document

__all__ = ["stub_of"]


def stub_of(symbol: str) -> Document:
    """The row of a symbol that begins with NONE (nothing but a type) or YHD (an old time, and no price)."""
    stub: Document = {
        "language": "en-US",
        "region": "US",
        "quoteType": "NONE",
        "triggerable": False,
        "customPriceAlertConfidence": "NONE",
        "corporateActions": [],
        "messageBoardId": f"finmb_{symbol}",
        "esgPopulated": False,
        "tradeable": False,
        "cryptoTradeable": False,
        "hasPrePostMarketData": False,
        "symbol": symbol,
    }
    if symbol.startswith("NONE"):
        return stub
    return stub | {
        "quoteType": "MUTUALFUND",
        "typeDisp": "Fund",
        "quoteSourceName": "Delayed Quote",
        "shortName": "54688",
        "exchangeTimezoneName": "America/New_York",
        "exchangeTimezoneShortName": "EST",
        "gmtOffSetMilliseconds": -18_000_000,
        "market": "us_market",
        "regularMarketTime": 1_561_759_658,
        "exchange": "YHD",
        "fullExchangeName": "YHD",
        "marketState": "CLOSED",
        "fiftyTwoWeekLow": 5.6,
        "fiftyTwoWeekHigh": 9.24,
        "fiftyTwoWeekRange": "5.6 - 9.24",
        "sourceInterval": 15,
        "exchangeDataDelayedBy": 0,
        "firstTradeDateMilliseconds": 1_152_538_200_000,
        "priceHint": 2,
        "averageDailyVolume3Month": 212_316,
        "averageDailyVolume10Day": 66_219,
    }
