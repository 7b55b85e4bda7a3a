"""US companies that everybody knows: what they are called, about what they cost, and what they do.

The sectors are Yahoo's. Levels and sizes are believable, not true; nothing
here is a quote. The movers of a simulated day are chosen among these.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ABROAD", "COMPANIES", "Company"]


@dataclass(frozen=True, slots=True)
class Company:
    """A company listed in New York."""

    name: str
    level: float
    """About what a share costs, in dollars."""
    exchange: str
    sector: str
    industry: str
    worth: float
    """About what all of it costs, in dollars."""


_SECTORS = {
    "T": "Technology",
    "F": "Financial Services",
    "H": "Healthcare",
    "C": "Consumer Cyclical",
    "S": "Communication Services",
    "I": "Industrials",
    "D": "Consumer Defensive",
    "E": "Energy",
    "U": "Utilities",
    "R": "Real Estate",
    "B": "Basic Materials",
}
# Symbol, exchange (Q = Nasdaq, N = New York), level, billions of dollars, sector, industry, name.
_TABLE = """
AAPL|Q|211.25|3156|T|Consumer Electronics|Apple Inc.
MSFT|Q|452.10|3360|T|Software - Infrastructure|Microsoft Corporation
NVDA|Q|135.40|3304|T|Semiconductors|NVIDIA Corporation
TSLA|Q|348.70|1123|C|Auto Manufacturers|Tesla, Inc.
AMZN|Q|205.60|2183|C|Internet Retail|Amazon.com, Inc.
GOOGL|Q|171.30|2079|S|Internet Content & Information|Alphabet Inc.
GOOG|Q|172.80|2097|S|Internet Content & Information|Alphabet Inc.
META|Q|637.20|1602|S|Internet Content & Information|Meta Platforms, Inc.
AMD|Q|114.50|186|T|Semiconductors|Advanced Micro Devices, Inc.
NFLX|Q|1185.00|504|S|Entertainment|Netflix, Inc.
AVGO|Q|231.00|1086|T|Semiconductors|Broadcom Inc.
INTC|Q|20.55|90|T|Semiconductors|Intel Corporation
COST|Q|1008.00|447|D|Discount Stores|Costco Wholesale Corporation
PLTR|Q|124.30|293|T|Software - Infrastructure|Palantir Technologies Inc.
DKNG|Q|36.90|18|C|Gambling|DraftKings Inc.
JPM|N|260.80|725|F|Banks - Diversified|JP Morgan Chase & Co.
V|N|354.00|686|F|Credit Services|Visa Inc.
MA|N|571.00|520|F|Credit Services|Mastercard Incorporated
BAC|N|43.90|331|F|Banks - Diversified|Bank of America Corporation
WMT|N|96.50|772|D|Discount Stores|Walmart Inc.
DIS|N|110.20|198|S|Entertainment|Walt Disney Company (The)
KO|N|71.90|309|D|Beverages - Non-Alcoholic|Coca-Cola Company (The)
JNJ|N|153.10|368|H|Drug Manufacturers - General|Johnson & Johnson
XOM|N|103.40|446|E|Oil & Gas Integrated|Exxon Mobil Corporation
BA|N|202.30|152|I|Aerospace & Defense|Boeing Company (The)
F|N|10.35|41|C|Auto Manufacturers|Ford Motor Company
GE|N|236.10|252|I|Aerospace & Defense|GE Aerospace
IBM|N|258.60|240|T|Information Technology Services|International Business Machines
GME|N|29.80|13|C|Specialty Retail|GameStop Corporation
BRK-B|N|503.40|1086|F|Insurance - Diversified|Berkshire Hathaway Inc. New
BRK-A|N|755000|1086|F|Insurance - Diversified|Berkshire Hathaway Inc.
LLY|N|715.40|678|H|Drug Manufacturers - General|Eli Lilly and Company
UNH|N|301.20|273|H|Healthcare Plans|UnitedHealth Group Incorporated
PG|N|165.80|389|D|Household & Personal Products|Procter & Gamble Company (The)
HD|N|368.40|366|C|Home Improvement Retail|Home Depot, Inc. (The)
ABBV|N|183.60|324|H|Drug Manufacturers - General|AbbVie Inc.
MRK|N|76.90|193|H|Drug Manufacturers - General|Merck & Company, Inc.
CVX|N|136.70|239|E|Oil & Gas Integrated|Chevron Corporation
ORCL|N|163.20|457|T|Software - Infrastructure|Oracle Corporation
CRM|N|273.10|262|T|Software - Application|Salesforce, Inc.
ADBE|Q|407.50|174|T|Software - Application|Adobe Inc.
CSCO|Q|63.10|250|T|Communication Equipment|Cisco Systems, Inc.
QCOM|Q|145.60|160|T|Semiconductors|QUALCOMM Incorporated
TXN|Q|182.40|166|T|Semiconductors|Texas Instruments Incorporated
MU|Q|93.90|105|T|Semiconductors|Micron Technology, Inc.
AMAT|Q|158.70|127|T|Semiconductor Equipment & Materials|Applied Materials, Inc.
LRCX|Q|82.30|105|T|Semiconductor Equipment & Materials|Lam Research Corporation
MRVL|Q|60.90|53|T|Semiconductors|Marvell Technology, Inc.
SMCI|Q|41.80|25|T|Computer Hardware|Super Micro Computer, Inc.
DELL|N|111.40|78|T|Computer Hardware|Dell Technologies Inc.
SNOW|N|203.20|68|T|Software - Application|Snowflake Inc.
CRWD|Q|456.30|114|T|Software - Infrastructure|CrowdStrike Holdings, Inc.
PANW|Q|189.60|126|T|Software - Infrastructure|Palo Alto Networks, Inc.
NOW|N|1008.20|209|T|Software - Application|ServiceNow, Inc.
UBER|N|87.90|184|T|Software - Application|Uber Technologies, Inc.
ABNB|Q|126.40|78|C|Travel Services|Airbnb, Inc.
BKNG|Q|5390.00|175|C|Travel Services|Booking Holdings Inc.
MCD|N|314.70|225|C|Restaurants|McDonald's Corporation
SBUX|Q|84.60|96|C|Restaurants|Starbucks Corporation
NKE|N|60.80|90|C|Footwear & Accessories|Nike, Inc.
LOW|N|223.10|125|C|Home Improvement Retail|Lowe's Companies, Inc.
TGT|N|94.30|43|D|Discount Stores|Target Corporation
PEP|Q|129.80|178|D|Beverages - Non-Alcoholic|PepsiCo, Inc.
PM|N|178.20|277|D|Tobacco|Philip Morris International Inc
MO|N|59.70|100|D|Tobacco|Altria Group, Inc.
CL|N|91.50|74|D|Household & Personal Products|Colgate-Palmolive Company
PFE|N|23.10|131|H|Drug Manufacturers - General|Pfizer, Inc.
MRNA|Q|26.90|10|H|Biotechnology|Moderna, Inc.
GILD|Q|108.40|135|H|Drug Manufacturers - General|Gilead Sciences, Inc.
AMGN|Q|278.30|150|H|Drug Manufacturers - General|Amgen Inc.
TMO|N|402.60|152|H|Diagnostics & Research|Thermo Fisher Scientific Inc
ISRG|Q|541.80|194|H|Medical Instruments & Supplies|Intuitive Surgical, Inc.
CVS|N|61.90|78|H|Healthcare Plans|CVS Health Corporation
WFC|N|73.40|239|F|Banks - Diversified|Wells Fargo & Company
C|N|74.10|139|F|Banks - Diversified|Citigroup, Inc.
GS|N|598.40|184|F|Capital Markets|Goldman Sachs Group, Inc. (The)
MS|N|125.70|201|F|Capital Markets|Morgan Stanley
AXP|N|287.30|201|F|Credit Services|American Express Company
PYPL|Q|70.60|69|F|Credit Services|PayPal Holdings, Inc.
COIN|Q|263.10|67|F|Financial Data & Stock Exchanges|Coinbase Global, Inc.
HOOD|Q|63.40|56|F|Capital Markets|Robinhood Markets, Inc.
SOFI|Q|13.10|14|F|Credit Services|SoFi Technologies, Inc.
SCHW|N|87.20|158|F|Capital Markets|Charles Schwab Corporation (The)
BLK|N|972.00|151|F|Asset Management|BlackRock, Inc.
T|N|27.60|199|S|Telecom Services|AT&T Inc.
VZ|N|43.30|182|S|Telecom Services|Verizon Communications Inc.
TMUS|Q|242.10|275|S|Telecom Services|T-Mobile US, Inc.
CMCSA|Q|34.60|129|S|Telecom Services|Comcast Corporation
WBD|Q|9.10|22|S|Entertainment|Warner Bros. Discovery, Inc.
RBLX|N|83.70|57|S|Electronic Gaming & Multimedia|Roblox Corporation
SNAP|N|8.30|14|S|Internet Content & Information|Snap Inc.
PINS|N|31.20|21|S|Internet Content & Information|Pinterest, Inc.
RDDT|N|100.70|19|S|Internet Content & Information|Reddit, Inc.
EA|Q|148.20|37|S|Electronic Gaming & Multimedia|Electronic Arts Inc.
CAT|N|345.30|162|I|Farm & Heavy Construction Machinery|Caterpillar, Inc.
DE|N|508.60|138|I|Farm & Heavy Construction Machinery|Deere & Company
HON|Q|221.40|142|I|Conglomerates|Honeywell International Inc.
UPS|N|97.10|82|I|Integrated Freight & Logistics|United Parcel Service, Inc.
LMT|N|471.30|110|I|Aerospace & Defense|Lockheed Martin Corporation
RTX|N|135.20|181|I|Aerospace & Defense|RTX Corporation
UAL|Q|75.60|25|I|Airlines|United Airlines Holdings, Inc.
DAL|N|47.60|31|I|Airlines|Delta Air Lines, Inc.
AAL|Q|11.20|7.4|I|Airlines|American Airlines Group, Inc.
PLUG|Q|0.88|0.9|I|Electrical Equipment & Parts|Plug Power, Inc.
RKLB|Q|28.90|13|I|Aerospace & Defense|Rocket Lab Corporation
COP|N|86.20|109|E|Oil & Gas E&P|ConocoPhillips
OXY|N|41.40|41|E|Oil & Gas E&P|Occidental Petroleum Corporation
SLB|N|33.40|45|E|Oil & Gas Equipment & Services|SLB Limited
HAL|N|19.90|17|E|Oil & Gas Equipment & Services|Halliburton Company
NEE|N|68.10|140|U|Utilities - Regulated Electric|NextEra Energy, Inc.
DUK|N|116.70|91|U|Utilities - Regulated Electric|Duke Energy Corporation
SO|N|89.60|98|U|Utilities - Regulated Electric|Southern Company (The)
VST|N|158.20|54|U|Utilities - Independent Power Producers|Vistra Corp.
CEG|Q|297.40|93|U|Utilities - Renewable|Constellation Energy Corporation
AMT|N|213.50|100|R|REIT - Specialty|American Tower Corporation
PLD|N|107.60|100|R|REIT - Industrial|Prologis, Inc.
O|N|56.10|51|R|REIT - Retail|Realty Income Corporation
SPG|N|161.30|53|R|REIT - Retail|Simon Property Group, Inc.
LIN|Q|464.20|219|B|Specialty Chemicals|Linde plc
FCX|N|38.10|55|B|Copper|Freeport-McMoRan, Inc.
NEM|N|52.70|58|B|Gold|Newmont Corporation
DOW|N|28.40|20|B|Chemicals|Dow Inc.
NUE|N|110.80|26|B|Steel|Nucor Corporation
RIVN|Q|15.70|18|C|Auto Manufacturers|Rivian Automotive, Inc.
LCID|Q|2.40|7.3|C|Auto Manufacturers|Lucid Group, Inc.
GM|N|49.30|47|C|Auto Manufacturers|General Motors Company
CVNA|N|318.40|68|C|Auto & Truck Dealerships|Carvana Co.
CHWY|N|43.60|18|C|Internet Retail|Chewy, Inc.
ETSY|Q|48.90|5|C|Internet Retail|Etsy, Inc.
EBAY|Q|72.30|33|C|Internet Retail|eBay Inc.
CCL|N|22.90|30|C|Travel Services|Carnival Corporation
"""
_EXCHANGES = {"Q": "NMS", "N": "NYQ"}


def _read(line: str) -> tuple[str, Company]:
    symbol, exchange, level, billions, sector, industry, name = line.split("|")
    worth = float(billions) * 1e9
    return symbol, Company(name, float(level), _EXCHANGES[exchange], _SECTORS[sector], industry, worth)


COMPANIES: dict[str, Company] = dict(map(_read, _TABLE.split("\n")[1:-1]))

ABROAD: dict[str, tuple[str, str]] = {
    "VOD.L": ("Communication Services", "Telecom Services"),
    "BP.L": ("Energy", "Oil & Gas Integrated"),
    "HSBA.L": ("Financial Services", "Banks - Diversified"),
    "BARC.L": ("Financial Services", "Banks - Diversified"),
    "AZN.L": ("Healthcare", "Drug Manufacturers - General"),
    "OCDO.L": ("Consumer Defensive", "Grocery Stores"),
    "7203.T": ("Consumer Cyclical", "Auto Manufacturers"),
    "6758.T": ("Technology", "Consumer Electronics"),
    "0700.HK": ("Communication Services", "Internet Content & Information"),
    "005930.KS": ("Technology", "Consumer Electronics"),
    "BMW.DE": ("Consumer Cyclical", "Auto Manufacturers"),
    "SAP.DE": ("Technology", "Software - Application"),
    "SIE.DE": ("Industrials", "Specialty Industrial Machinery"),
    "VOW3.DE": ("Consumer Cyclical", "Auto Manufacturers"),
    "MC.PA": ("Consumer Cyclical", "Luxury Goods"),
    "AI.PA": ("Basic Materials", "Specialty Chemicals"),
    "ADYEN.AS": ("Technology", "Software - Infrastructure"),
    "ASML.AS": ("Technology", "Semiconductor Equipment & Materials"),
    "LDO.MI": ("Industrials", "Aerospace & Defense"),
    "NESN.SW": ("Consumer Defensive", "Packaged Foods"),
    "SHOP.TO": ("Technology", "Software - Application"),
    "RELIANCE.NS": ("Energy", "Oil & Gas Refining & Marketing"),
}
"""Sector and industry of those abroad whose names are known."""
