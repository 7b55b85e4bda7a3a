"""Yahoo's HTTP, simulated on the streamer's port: the endpoints that tickstream asks, in Yahoo's shapes.

    GET  /                                        cookie     404 with A3; what fc.yahoo.com is good for
    GET  /quote/{symbol}                          page       sets A1, A3 and A1S; the consent form in the EU
    *    /consent /v2/collectConsent /copyConsent consent    the form's steps
    GET  /v1/test/getcrumb                        crumb      wants a cookie
    GET  /v7/finance/quote                        quote      wants cookie and crumb
    GET  /v7/finance/spark                        spark
    GET  /v8/finance/chart/{symbol}               chart
    GET  /v1/finance/screener/predefined/saved    screener   wants cookie and crumb
    POST /v1/finance/screener                     screener   wants cookie and crumb
    GET  /v6/finance/markettime                   markettime
    GET  /v6/finance/recommendationsbysymbol/…    similar
    GET  /v1/finance/search                       search
    GET  /v10/finance/quoteSummary/{symbol}       summary    wants cookie and crumb

The rule it keeps: a quote is the streamer's quote. Prices, changes, volumes and
sessions come from the same `Prices`, so that HTTP and pushes never contradict
each other, and what was said of the past is said again. The names in the third
column are those that `Simulator.requests` counts by and that a fault is limited
to; the faults themselves are described in simulator/faults.
"""

from __future__ import annotations
