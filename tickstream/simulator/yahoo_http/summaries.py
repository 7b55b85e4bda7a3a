"""v10/finance/quoteSummary: the modules that are asked for, as far as a symbol has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from uuid import UUID

from tickstream.http import Response
from tickstream.simulator.listings import Kind
from tickstream.simulator.prices import Quote
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.desk import Desk
from tickstream.simulator.yahoo_http.figures import Figures
from tickstream.simulator.yahoo_http.formats import formatted
from tickstream.simulator.yahoo_http.rows import row_of

__all__ = ["summary"]

_CACHE = "public, max-age=1, stale-while-revalidate=9"


def summary(desk: Desk, symbol: str, query: Mapping[str, str]) -> Response:
    """What is known of `symbol`; a module that it does not have is left out."""
    if not symbol:
        return answers.json({"quoteSummary": {"result": [], "error": None}}, status=404)
    quote = None if symbol.startswith(("NONE", "YHD")) else desk.quote(symbol)
    row = row_of(desk, symbol)
    if quote is None or row is None:
        raise answers.not_found(f"Quote not found for ticker symbol: {symbol}", "quoteSummary")
    figures = desk.figures(quote)
    asked = [name for name in query.get("modules", "").split(",") if name]
    found = {name: _MODULES[name](quote, row, figures) for name in asked if name in _MODULES}
    modules = {name: module for name, module in found.items() if module}
    if not modules:
        names = ",".join(asked)
        raise answers.not_found(
            f"No fundamentals data found for any of the summaryTypes={names}", "quoteSummary"
        )
    # Unlike rows, summaries are formatted unless told otherwise.
    if query.get("formatted", "true") != "false":
        zone = row["exchangeTimezoneName"]
        modules = {name: formatted(module, zone, fractions=True) for name, module in modules.items()}
    return answers.json({"quoteSummary": {"result": [modules], "error": None}}, cache=_CACHE)


def _profile(quote: Quote, _row: Document, figures: Figures) -> Document:
    listing = quote.listing
    people: Document = {"companyOfficers": [], "executiveTeam": [], "maxAge": 86_400}
    match listing.kind:
        case Kind.EQUITY:
            return _company(quote, figures) | people
        case Kind.ETF | Kind.FUND:
            return {"longBusinessSummary": f"{listing.name} is simulated; it follows no index."} | people
        case Kind.CRYPTO:
            text = f"{listing.name} is simulated, with a supply of {listing.supply:,.0f}."
            return {
                "name": listing.name,
                "startDate": f"{figures.founded}-03-01",
                "description": text,
            } | people
    return {}


def _company(quote: Quote, figures: Figures) -> Document:
    name, sector, industry = quote.listing.name, figures.sector, figures.industry
    return {
        "address1": "One Simulation Way",
        "city": "Loopback",
        "state": "CA",
        "zip": "00127",
        "country": "United States",
        "phone": "555 0100",
        "website": f"https://www.{quote.listing.symbol.lower()}.example",
        "industry": industry,
        "industryKey": _key(industry),
        "industryDisp": industry,
        "sector": sector,
        "sectorKey": _key(sector),
        "sectorDisp": sector,
        "longBusinessSummary": f"{name} is simulated. Of the real one this much is true: {industry}.",
        "fullTimeEmployees": figures.employees,
    }


def _key(name: str) -> str:
    return "-".join(name.lower().replace("&", " ").replace("-", " ").split())


def _detail(quote: Quote, row: Document, figures: Figures) -> Document:
    names = {
        "previousClose": "regularMarketPreviousClose",
        "open": "regularMarketOpen",
        "dayLow": "regularMarketDayLow",
        "dayHigh": "regularMarketDayHigh",
        "volume": "regularMarketVolume",
        "averageVolume": "averageDailyVolume3Month",
        "averageVolume10days": "averageDailyVolume10Day",
    }
    same = (
        "priceHint regularMarketPreviousClose regularMarketOpen regularMarketDayLow regularMarketDayHigh"
        " regularMarketVolume averageDailyVolume10Day bid ask bidSize askSize marketCap fiftyTwoWeekLow"
        " fiftyTwoWeekHigh fiftyDayAverage twoHundredDayAverage trailingAnnualDividendRate"
        " trailingAnnualDividendYield dividendRate trailingPE forwardPE netAssets circulatingSupply"
        " volume24Hr volumeAllCurrencies openInterest expireDate currency"
    )
    said: Document = {"maxAge": 1} | {name: row[there] for name, there in names.items() if there in row}
    said |= {name: row[name] for name in same.split() if name in row}
    said |= {
        name: row.get(name) for name in ("fromCurrency", "toCurrency", "lastMarket", "coinMarketCapLink")
    }
    said |= {"algorithm": None, "tradeable": False}
    if quote.listing.kind is Kind.EQUITY:
        said["beta"] = figures.beta
    if quote.listing.kind in (Kind.ETF, Kind.FUND):
        said |= {
            "yield": round(figures.dividend / quote.regular_price, 4),
            "totalAssets": row.get("netAssets"),
        }
    if "dividendYield" in row:
        # A fraction here, where rows have percent.
        said["dividendYield"] = round(row["dividendYield"] / 100, 4)
    return said


def _price(_quote: Quote, row: Document, _figures: Figures) -> Document:
    prefixes = ("regularMarket", "preMarket", "postMarket")
    said: Document = {"maxAge": 1}
    for name, value in row.items():
        if name.startswith(prefixes) and not name.endswith("Range"):
            # Fractions here, where rows have percent.
            said[name] = value / 100 if name.endswith("Percent") else value
    same = "priceHint exchange exchangeDataDelayedBy marketState quoteType symbol shortName longName currency"
    said |= {name: row[name] for name in f"{same} quoteSourceName marketCap".split() if name in row}
    said |= {"exchangeName": row["fullExchangeName"], "regularMarketSource": "FREE_REALTIME"}
    symbols = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
    said["currencySymbol"] = symbols.get(row["currency"], row["currency"])
    optional = ("underlyingSymbol", "fromCurrency", "toCurrency", "lastMarket")
    return said | {name: row.get(name) for name in optional}


def _statistics(quote: Quote, row: Document, figures: Figures) -> Document:
    if quote.listing.kind in (Kind.ETF, Kind.FUND):
        year = row["fiftyTwoWeekChangePercent"] / 100
        return {
            "maxAge": 1,
            "priceHint": row["priceHint"],
            "beta3Year": figures.beta,
            "totalAssets": row.get("netAssets"),
            "yield": round(figures.dividend / quote.regular_price, 4),
            "annualReportExpenseRatio": figures.expenses / 100,
            "52WeekChange": year,
        }
    if quote.listing.kind is not Kind.EQUITY:
        return {}
    return {
        "maxAge": 1,
        "priceHint": row["priceHint"],
        "enterpriseValue": round(row["marketCap"] * 1.05),
        "forwardPE": row["forwardPE"],
        "profitMargins": 0.18,
        "sharesOutstanding": figures.shares,
        "floatShares": round(figures.shares * 0.97),
        "beta": figures.beta,
        "bookValue": figures.book_value,
        "priceToBook": row["priceToBook"],
        "trailingEps": figures.eps,
        "forwardEps": figures.eps_next,
        "52WeekChange": row["fiftyTwoWeekChangePercent"] / 100,
    }


def _type(quote: Quote, row: Document, _figures: Figures) -> Document:
    chance = Random(f"{quote.listing.symbol}:uuid")
    return {
        "exchange": row["exchange"],
        "quoteType": row["quoteType"],
        "symbol": row["symbol"],
        "underlyingSymbol": row.get("underlyingSymbol", row["symbol"]),
        "shortName": row["shortName"],
        "longName": row["longName"],
        "firstTradeDateEpochUtc": row["firstTradeDateMilliseconds"] // 1000,
        "timeZoneFullName": row["exchangeTimezoneName"],
        "timeZoneShortName": row["exchangeTimezoneShortName"],
        "uuid": str(UUID(int=chance.getrandbits(128), version=3)),
        "messageBoardId": row["messageBoardId"],
        "gmtOffSetMilliseconds": row["gmtOffSetMilliseconds"],
        "maxAge": 1,
    }


_MODULES: Mapping[str, Callable[[Quote, Document, Figures], Document]] = {
    "assetProfile": _profile,
    "summaryProfile": _profile,
    "summaryDetail": _detail,
    "price": _price,
    "defaultKeyStatistics": _statistics,
    "quoteType": _type,
}
