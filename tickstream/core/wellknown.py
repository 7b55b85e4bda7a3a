"""Symbols that many people look at, to complete what they type; nothing else is known of them here."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WELL_KNOWN"]

_TEXT = """
AAPL Apple|MSFT Microsoft|NVDA NVIDIA|AMZN Amazon|GOOGL Alphabet A|GOOG Alphabet C|META Meta Platforms
TSLA Tesla|AVGO Broadcom|BRK-B Berkshire Hathaway B|BRK-A Berkshire Hathaway A|LLY Eli Lilly
JPM JPMorgan Chase|V Visa|MA Mastercard|XOM Exxon Mobil|UNH UnitedHealth|WMT Walmart|COST Costco
HD Home Depot|PG Procter & Gamble|JNJ Johnson & Johnson|NFLX Netflix|AMD Advanced Micro Devices
INTC Intel|ORCL Oracle|CRM Salesforce|ADBE Adobe|CSCO Cisco|QCOM Qualcomm|TXN Texas Instruments
MU Micron|IBM IBM|PLTR Palantir|COIN Coinbase|MSTR Strategy|SMCI Super Micro Computer|ARM Arm Holdings
SHOP Shopify|UBER Uber|ABNB Airbnb|PYPL PayPal|SQ Block|DIS Disney|NKE Nike|SBUX Starbucks
MCD McDonald's|KO Coca-Cola|PEP PepsiCo|BAC Bank of America|WFC Wells Fargo|GS Goldman Sachs
MS Morgan Stanley|C Citigroup|T AT&T|VZ Verizon|F Ford|GM General Motors|BA Boeing|CAT Caterpillar
GE GE Aerospace|PFE Pfizer|MRK Merck|ABBV AbbVie|CVX Chevron|GME GameStop|AMC AMC Entertainment
RIVN Rivian|NIO NIO|BABA Alibaba|TSM Taiwan Semiconductor|ASML ASML|SAP SAP|NVO Novo Nordisk
TM Toyota (New York)|SONY Sony|SPY S&P 500 fund|VOO S&P 500 fund, Vanguard|QQQ Nasdaq-100 fund
DIA Dow fund|IWM Russell 2000 fund|VTI U.S. market fund|VT World fund|GLD Gold fund|SLV Silver fund
TLT Treasury bond fund|ARKK ARK Innovation|^GSPC S&P 500|^DJI Dow Jones 30|^IXIC Nasdaq Composite
^NDX Nasdaq 100|^RUT Russell 2000|^VIX Volatility|^TNX 10-year yield|^FTSE FTSE 100|^GDAXI DAX
^FCHI CAC 40|^STOXX50E Euro Stoxx 50|^SSMI SMI|^N225 Nikkei 225|^HSI Hang Seng|^AXJO ASX 200
^BSESN Sensex|^NSEI Nifty 50|^GSPTSE TSX Composite|^BVSP Bovespa|ES=F S&P 500 future
NQ=F Nasdaq-100 future|YM=F Dow future|RTY=F Russell 2000 future|GC=F Gold|SI=F Silver|HG=F Copper
CL=F Crude oil|BZ=F Brent|NG=F Natural gas|ZC=F Corn|ZW=F Wheat|ZN=F 10-year note|EURUSD=X EUR/USD
GBPUSD=X GBP/USD|USDJPY=X USD/JPY|USDCHF=X USD/CHF|AUDUSD=X AUD/USD|USDCAD=X USD/CAD|EURGBP=X EUR/GBP
EURCHF=X EUR/CHF|DX-Y.NYB Dollar index|BTC-USD Bitcoin|ETH-USD Ethereum|SOL-USD Solana|XRP-USD XRP
BNB-USD BNB|DOGE-USD Dogecoin|ADA-USD Cardano|AVAX-USD Avalanche|LTC-USD Litecoin|DOT-USD Polkadot
LINK-USD Chainlink|SHIB-USD Shiba Inu|BTC-EUR Bitcoin in euros|VOD.L Vodafone|SHEL.L Shell
AZN.L AstraZeneca|HSBA.L HSBC|BP.L BP|ULVR.L Unilever|SAP.DE SAP|SIE.DE Siemens|ALV.DE Allianz
BMW.DE BMW|MC.PA LVMH|OR.PA L'Oréal|AIR.PA Airbus|ASML.AS ASML|NESN.SW Nestlé|ROG.SW Roche
NOVN.SW Novartis|7203.T Toyota|6758.T Sony|0700.HK Tencent|9988.HK Alibaba|005930.KS Samsung
RELIANCE.NS Reliance|RY.TO Royal Bank of Canada
"""

WELL_KNOWN: Mapping[str, str] = dict(
    entry.split(" ", 1) for line in _TEXT.strip().splitlines() for entry in line.split("|")
)
"""Their names, in the order in which they are offered."""
