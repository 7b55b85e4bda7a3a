"""Well-known symbols: what they are called and about what they cost.

Levels are believable, not true; nothing here is a quote.
"""

from __future__ import annotations

from dataclasses import dataclass

from tickstream.simulator.companies import COMPANIES

__all__ = ["INDICES_ABROAD", "KNOWN", "Known"]


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
    region: str = ""
    """Of an index abroad: where its day is."""


_LIVELY = ("AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "GOOGL", "META", "AMD")
_COMPANIES = {
    symbol: Known(company.name, company.level, company.exchange, lively=symbol in _LIVELY)
    for symbol, company in COMPANIES.items()
}


def _etf(name: str, level: float, exchange: str = "PCX", *, lively: bool = False) -> Known:
    return Known(name, level, exchange, etf=True, lively=lively)


def _coin(name: str, level: float, supply: float, *, lively: bool = False) -> Known:
    return Known(f"{name} USD", level, supply=supply, lively=lively)


def _index(name: str, level: float, exchange: str, currency: str, region: str) -> Known:
    return Known(name, level, exchange, currency, region=region)


# An index abroad has its exchange's day, and need not begin with ^.
INDICES_ABROAD: dict[str, Known] = {
    "^FTSE": _index("FTSE 100", 8718.00, "FGI", "GBP", "europe"),
    "^GDAXI": _index("DAX P", 23_630.00, "GER", "EUR", "europe"),
    "^FCHI": _index("CAC 40", 7735.00, "PAR", "EUR", "europe"),
    "^SSMI": _index("SMI PR", 12_199.00, "EBS", "CHF", "europe"),
    "^AEX": _index("AEX-Index", 918.50, "AMS", "EUR", "europe"),
    "^BFX": _index("BEL 20", 4448.00, "BRU", "EUR", "europe"),
    "^ISEQ": _index("ISEQ All Share", 11_420.00, "ISE", "EUR", "europe"),
    "^IBEX": _index("IBEX 35...", 14_105.00, "MCE", "EUR", "europe"),
    "^STOXX50E": _index("EURO STOXX 50 I", 5327.00, "ZRH", "EUR", "europe"),
    "FTSEMIB.MI": _index("FTSE MIB Index", 39_475.00, "MIL", "EUR", "europe"),
    "^ATX": _index("ATX", 4395.00, "VIE", "EUR", "europe"),
    "^OMX": _index("OMX Stockholm 30 Index", 2487.00, "STO", "SEK", "europe"),
    "^OMXH25": _index("OMX Helsinki 25", 4590.00, "HEL", "EUR", "europe"),
    "^OMXC25": _index("OMX Copenhagen 25 Index", 1716.00, "CPH", "DKK", "europe"),
    "OSEBX.OL": _index("Oslo Bors Benchmark Index_GI", 1553.00, "OSL", "NOK", "europe"),
    "^J203.JO": _index("FTSE/JSE All Share Index", 93_290.00, "JNB", "ZAR", "europe"),
    "^TA125.TA": _index("TA-125", 2685.00, "TLV", "ILS", "europe"),
    "^TASI.SR": _index("Tadawul All Shares Index", 11_188.00, "SAU", "SAR", "europe"),
    "^N225": _index("Nikkei 225", 37_160.00, "OSA", "JPY", "asia"),
    "^HSI": _index("HANG SENG INDEX", 23_601.00, "HKG", "HKD", "asia"),
    "000001.SS": _index("SSE Composite Index", 3348.00, "SHH", "CNY", "asia"),
    "399001.SZ": _index("Shenzhen Index", 10_132.00, "SHZ", "CNY", "asia"),
    "^KS11": _index("KOSPI Composite Index", 2592.00, "KSC", "KRW", "asia"),
    "^TWII": _index("TWSE Capitalization Weighted Stock Index", 21_652.00, "TAI", "TWD", "asia"),
    "^STI": _index("STI Index", 3882.00, "SES", "SGD", "asia"),
    "^AXJO": _index("S&P/ASX 200 [XJO]", 8361.00, "ASX", "AUD", "asia"),
    "^BSESN": _index("S&P BSE SENSEX", 81_721.00, "BSE", "INR", "asia"),
    "^NSEI": _index("NIFTY 50", 24_853.00, "NSI", "INR", "asia"),
    "^GSPTSE": _index("S&P/TSX Composite index", 25_880.00, "TSI", "CAD", "americas"),
    "^BVSP": _index("IBOVESPA", 137_824.00, "SAO", "BRL", "americas"),
    "^MXX": _index("IPC MEXICO", 58_410.00, "MEX", "MXN", "americas"),
}


KNOWN: dict[str, Known] = {
    **_COMPANIES,
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
    **INDICES_ABROAD,
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
