"""Well-known symbols: what they are called and about what they cost.

Levels are believable, not true; nothing here is a quote.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KNOWN", "Known"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is said of a symbol that its form does not tell."""

    name: str
    level: float
    exchange: str = ""
    currency: str = ""
    etf: bool = False
    lively: bool = False
    supply: float = 0.0


def _stock(name: str, level: float, exchange: str = "NMS", *, lively: bool = False) -> Known:
    return Known(name, level, exchange, lively=lively)


def _etf(name: str, level: float, exchange: str = "PCX", *, lively: bool = False) -> Known:
    return Known(name, level, exchange, etf=True, lively=lively)


def _coin(name: str, level: float, supply: float, *, lively: bool = False) -> Known:
    return Known(f"{name} USD", level, supply=supply, lively=lively)


KNOWN: dict[str, Known] = {
    "AAPL": _stock("Apple Inc.", 211.25, lively=True),
    "MSFT": _stock("Microsoft Corporation", 452.10, lively=True),
    "NVDA": _stock("NVIDIA Corporation", 135.40, lively=True),
    "TSLA": _stock("Tesla, Inc.", 348.70, lively=True),
    "AMZN": _stock("Amazon.com, Inc.", 205.60, lively=True),
    "GOOGL": _stock("Alphabet Inc.", 171.30, lively=True),
    "GOOG": _stock("Alphabet Inc.", 172.80),
    "META": _stock("Meta Platforms, Inc.", 637.20, lively=True),
    "AMD": _stock("Advanced Micro Devices, Inc.", 114.50, lively=True),
    "NFLX": _stock("Netflix, Inc.", 1185.00),
    "AVGO": _stock("Broadcom Inc.", 231.00),
    "INTC": _stock("Intel Corporation", 20.55),
    "COST": _stock("Costco Wholesale Corporation", 1008.00),
    "PLTR": _stock("Palantir Technologies Inc.", 124.30),
    "DKNG": _stock("DraftKings Inc.", 36.90),
    "JPM": _stock("JP Morgan Chase & Co.", 260.80, "NYQ"),
    "V": _stock("Visa Inc.", 354.00, "NYQ"),
    "MA": _stock("Mastercard Incorporated", 571.00, "NYQ"),
    "BAC": _stock("Bank of America Corporation", 43.90, "NYQ"),
    "WMT": _stock("Walmart Inc.", 96.50, "NYQ"),
    "DIS": _stock("Walt Disney Company (The)", 110.20, "NYQ"),
    "KO": _stock("Coca-Cola Company (The)", 71.90, "NYQ"),
    "JNJ": _stock("Johnson & Johnson", 153.10, "NYQ"),
    "XOM": _stock("Exxon Mobil Corporation", 103.40, "NYQ"),
    "BA": _stock("Boeing Company (The)", 202.30, "NYQ"),
    "F": _stock("Ford Motor Company", 10.35, "NYQ"),
    "GE": _stock("GE Aerospace", 236.10, "NYQ"),
    "IBM": _stock("International Business Machines", 258.60, "NYQ"),
    "GME": _stock("GameStop Corporation", 29.80, "NYQ"),
    "BRK-B": _stock("Berkshire Hathaway Inc. New", 503.40, "NYQ"),
    "BRK-A": _stock("Berkshire Hathaway Inc.", 755_000.00, "NYQ"),
    "SPY": _etf("SPDR S&P 500", 580.10, lively=True),
    "VOO": _etf("Vanguard S&P 500 ETF", 533.20),
    "IVV": _etf("iShares Core S&P 500 ETF", 583.00),
    "VTI": _etf("Vanguard Total Stock Market ETF", 286.00),
    "DIA": _etf("SPDR Dow Jones Industrial Average ETF", 418.00),
    "IWM": _etf("iShares Russell 2000 ETF", 203.50),
    "GLD": _etf("SPDR Gold Shares", 305.00),
    "QQQ": _etf("Invesco QQQ Trust, Series 1", 515.20, "NGM", lively=True),
    "TQQQ": _etf("ProShares UltraPro QQQ", 68.40, "NGM"),
    "TLT": _etf("iShares 20+ Year Treasury Bond ETF", 85.60, "NGM"),
    "SQQQ": _etf("ProShares UltraPro Short QQQ", 24.60, "NGM"),
    "XLB": _etf("Materials Select Sector SPDR", 86.20),
    "XLC": _etf("Communication Services Select Sector SPDR", 100.40),
    "XLE": _etf("Energy Select Sector SPDR", 82.10),
    "XLF": _etf("Financial Select Sector SPDR", 50.60),
    "XLI": _etf("Industrial Select Sector SPDR", 141.80),
    "XLK": _etf("Technology Select Sector SPDR", 230.90),
    "XLP": _etf("Consumer Staples Select Sector SPDR", 82.60),
    "XLRE": _etf("Real Estate Select Sector SPDR", 41.70),
    "XLU": _etf("Utilities Select Sector SPDR", 81.90),
    "XLV": _etf("Health Care Select Sector SPDR", 131.50),
    "XLY": _etf("Consumer Discretionary Select Sector SPDR", 211.00),
    "EMIM.L": Known("ISHARES PLC ISHARES CORE EM IMI", 2710.0, etf=True),
    "VUSA.L": Known("VANGUARD FUNDS PLC VANGUARD S&P", 81.50, currency="GBP", etf=True),
    "BTC-USD": _coin("Bitcoin", 105_550.00, 19_870_000.0, lively=True),
    "ETH-USD": _coin("Ethereum", 2540.00, 120_720_000.0, lively=True),
    "SOL-USD": _coin("Solana", 168.00, 520_400_000.0, lively=True),
    "XRP-USD": _coin("XRP", 2.31, 58_700_000_000.0),
    "BNB-USD": _coin("BNB", 668.00, 140_900_000.0),
    "ADA-USD": _coin("Cardano", 0.7480, 35_300_000_000.0),
    "DOGE-USD": _coin("Dogecoin", 0.2240, 149_400_000_000.0),
    "SHIB-USD": _coin("Shiba Inu", 0.00001234, 589_250_000_000_000.0),
    "LTC-USD": _coin("Litecoin", 96.00, 75_900_000.0),
    "USDT-USD": _coin("Tether USDt", 1.0003, 153_000_000_000.0),
    "^GSPC": Known("S&P 500", 5802.80, "SNP", lively=True),
    "^DJI": Known("Dow Jones Industrial Average", 41_603.00, "DJI"),
    "^IXIC": Known("NASDAQ Composite", 18_737.20, "NIM"),
    "^RUT": Known("Russell 2000", 2039.80, "WCB"),
    "^VIX": Known("CBOE Volatility Index", 22.30, "CXI"),
    "^TNX": Known("CBOE Interest Rate 10 Year T No", 4.51, "CGI"),
    "^FTSE": Known("FTSE 100", 8718.00, "FGI", "GBP"),
    "^GDAXI": Known("DAX P", 23_630.00, "GER", "EUR"),
    "^N225": Known("Nikkei 225", 37_160.00, "OSA", "JPY"),
    "^NSEI": Known("NIFTY 50", 24_853.00, "NSI", "INR"),
    "EURUSD=X": Known("EUR/USD", 1.13620, lively=True),
    "GBPUSD=X": Known("GBP/USD", 1.35330),
    "AUDUSD=X": Known("AUD/USD", 0.64880),
    "JPY=X": Known("USD/JPY", 142.560),
    "CHF=X": Known("USD/CHF", 0.82110),
    "EUR=X": Known("USD/EUR", 0.88010),
    "GBP=X": Known("USD/GBP", 0.73890),
    "CNY=X": Known("USD/CNY", 7.18000),
    "INR=X": Known("USD/INR", 85.1200),
    "EURGBP=X": Known("EUR/GBP", 0.83950),
    "EURJPY=X": Known("EUR/JPY", 161.980),
    "ES=F": Known("E-Mini S&P 500", 5816.25, "CME", lively=True),
    "NQ=F": Known("Nasdaq 100", 20_967.50, "CME"),
    "YM=F": Known("Mini Dow Jones Indus.-$5", 41_680.00, "CBT"),
    "RTY=F": Known("E-mini Russell 2000 Index", 2043.10, "CME"),
    "GC=F": Known("Gold", 3365.80, "CMX"),
    "SI=F": Known("Silver", 33.61, "CMX"),
    "HG=F": Known("Copper", 4.83, "CMX"),
    "CL=F": Known("Crude Oil", 61.53, "NYM"),
    "NG=F": Known("Natural Gas", 3.334, "NYM"),
    "VOD.L": Known("VODAFONE GROUP PLC", 71.58),
    "BP.L": Known("BP PLC", 358.40),
    "HSBA.L": Known("HSBC HOLDINGS PLC", 869.50),
    "BARC.L": Known("BARCLAYS PLC", 328.30),
    "AZN.L": Known("ASTRAZENECA PLC", 10_318.00),
    "OCDO.L": Known("OCADO GROUP PLC", 308.80),
    "7203.T": Known("TOYOTA MOTOR CORP", 2602.0),
    "6758.T": Known("SONY GROUP CORPORATION", 3755.0),
    "0700.HK": Known("TENCENT", 517.00),
    "005930.KS": Known("SamsungElec", 54_200.0),
    "BMW.DE": Known("BAYERISCHE MOTOREN WERKE AG", 77.30),
    "SAP.DE": Known("SAP SE", 264.20),
    "SIE.DE": Known("SIEMENS AG", 214.50),
    "VOW3.DE": Known("VOLKSWAGEN AG", 94.60),
    "MC.PA": Known("LVMH", 484.20),
    "AI.PA": Known("AIR LIQUIDE", 181.60),
    "ADYEN.AS": Known("ADYEN", 1672.0),
    "ASML.AS": Known("ASML HOLDING", 653.50),
    "LDO.MI": Known("LEONARDO", 54.20),
    "NESN.SW": Known("NESTLE N", 87.40),
    "SHOP.TO": Known("SHOPIFY INC", 141.90),
    "RELIANCE.NS": Known("RELIANCE INDUSTRIES LTD", 1426.0),
    "VFINX": Known("Vanguard Index Trust 500 Index", 536.10),
    "VFIAX": Known("Vanguard 500 Index Admiral", 536.20),
    "FXAIX": Known("Fidelity 500 Index Fund", 202.10),
}
