"""Exchanges: what Yahoo calls them, and by which clock they live. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tickstream.simulator.listings import Kind, Listing, Region

__all__ = ["Venue", "venue_of"]


class Venue(NamedTuple):
    """An exchange."""

    name: str
    zone: str
    market: str
    """As in `us_market`."""
    delay: int = 15
    """Minutes that its prices are late, as Yahoo says of them."""

    def clock(self, now: float) -> tuple[str, int]:
        """What its time zone is called then, and its distance from UTC in seconds."""
        local = datetime.fromtimestamp(now, ZoneInfo(self.zone))
        offset = local.utcoffset()
        return local.tzname() or "", int(offset.total_seconds()) if offset else 0


_NEW_YORK = "America/New_York"
_VENUES = {
    "NMS": Venue("NasdaqGS", _NEW_YORK, "us_market", 0),
    "NGM": Venue("NasdaqGM", _NEW_YORK, "us_market", 0),
    "NCM": Venue("NasdaqCM", _NEW_YORK, "us_market", 0),
    "NYQ": Venue("NYSE", _NEW_YORK, "us_market", 0),
    "PCX": Venue("NYSEArca", _NEW_YORK, "us_market", 0),
    "NAS": Venue("Nasdaq", _NEW_YORK, "us_market", 0),
    "SNP": Venue("SNP", _NEW_YORK, "us_market", 0),
    "DJI": Venue("DJI", _NEW_YORK, "us_market", 0),
    "NIM": Venue("Nasdaq GIDS", _NEW_YORK, "us_market", 0),
    "WCB": Venue("Chicago Options", _NEW_YORK, "us_market"),
    "CXI": Venue("Cboe Indices", "America/Chicago", "us_market"),
    "CGI": Venue("Cboe Indices", "America/Chicago", "us_market"),
    "OPR": Venue("OPR", _NEW_YORK, "us24_market", 20),
    "CME": Venue("CME", _NEW_YORK, "us24_market", 10),
    "CBT": Venue("CBOT", _NEW_YORK, "us24_market", 10),
    "CMX": Venue("COMEX", _NEW_YORK, "us24_market", 10),
    "NYM": Venue("NY Mercantile", _NEW_YORK, "us24_market", 10),
    "CCC": Venue("CCC", "UTC", "ccc_market", 0),
    "CCY": Venue("CCY", "Europe/London", "ccy_market", 0),
    "LSE": Venue("LSE", "Europe/London", "gb_market"),
    "FGI": Venue("FTSE Index", "Europe/London", "gb_market"),
    "GER": Venue("XETRA", "Europe/Berlin", "de_market"),
    "FRA": Venue("Frankfurt", "Europe/Berlin", "de_market"),
    "PAR": Venue("Paris", "Europe/Paris", "fr_market"),
    "AMS": Venue("Amsterdam", "Europe/Amsterdam", "nl_market"),
    "BRU": Venue("Brussels", "Europe/Brussels", "be_market"),
    "LIS": Venue("Lisbon", "Europe/Lisbon", "pt_market"),
    "MIL": Venue("Milan", "Europe/Rome", "it_market"),
    "MCE": Venue("MCE", "Europe/Madrid", "es_market"),
    "VIE": Venue("Vienna", "Europe/Vienna", "at_market"),
    "HEL": Venue("Helsinki", "Europe/Helsinki", "fi_market", 0),
    "ISE": Venue("Irish", "Europe/Dublin", "ie_market"),
    "EBS": Venue("Swiss", "Europe/Zurich", "ch_market"),
    "ZRH": Venue("Zurich", "Europe/Zurich", "ch_market"),
    "STO": Venue("Stockholm", "Europe/Stockholm", "se_market", 0),
    "OSL": Venue("Oslo", "Europe/Oslo", "no_market"),
    "CPH": Venue("Copenhagen", "Europe/Copenhagen", "dk_market", 0),
    "WSE": Venue("Warsaw", "Europe/Warsaw", "pl_market"),
    "JNB": Venue("Johannesburg", "Africa/Johannesburg", "za_market"),
    "TLV": Venue("Tel Aviv", "Asia/Jerusalem", "il_market"),
    "SAU": Venue("Saudi", "Asia/Riyadh", "sr_market"),
    "JPX": Venue("Tokyo", "Asia/Tokyo", "jp_market", 20),
    "OSA": Venue("Osaka", "Asia/Tokyo", "jp_market", 20),
    "HKG": Venue("HKSE", "Asia/Hong_Kong", "hk_market"),
    "SHH": Venue("Shanghai", "Asia/Shanghai", "cn_market"),
    "SHZ": Venue("Shenzhen", "Asia/Shanghai", "cn_market"),
    "KSC": Venue("KSE", "Asia/Seoul", "kr_market", 20),
    "KOE": Venue("KOSDAQ", "Asia/Seoul", "kr_market", 20),
    "TAI": Venue("Taiwan", "Asia/Taipei", "tw_market", 20),
    "SES": Venue("SES", "Asia/Singapore", "sg_market"),
    "NSI": Venue("NSE", "Asia/Kolkata", "in_market"),
    "BSE": Venue("BSE", "Asia/Kolkata", "in_market"),
    "ASX": Venue("ASX", "Australia/Sydney", "au_market", 20),
    "JKT": Venue("Jakarta", "Asia/Jakarta", "id_market", 10),
    "TOR": Venue("Toronto", "America/Toronto", "ca_market"),
    "TSI": Venue("Toronto", "America/Toronto", "ca_market"),
    "VAN": Venue("TSXV", "America/Toronto", "ca_market"),
    "SAO": Venue("São Paulo", "America/Sao_Paulo", "br_market"),
    "MEX": Venue("Mexico", "America/Mexico_City", "mx_market", 20),
}
_ELSEWHERE = {
    Region.US: _VENUES["NYQ"],
    Region.AMERICAS: _VENUES["TOR"],
    Region.EUROPE: _VENUES["LSE"],
    Region.ASIA: _VENUES["JPX"],
}


def venue_of(listing: Listing) -> Venue:
    """Where `listing` is traded."""
    if listing.kind is Kind.CRYPTO:
        return _VENUES["CCC"]
    return _VENUES.get(listing.exchange, _ELSEWHERE[listing.region])
