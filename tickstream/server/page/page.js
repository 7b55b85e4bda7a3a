// The page speaks the routes that any client does: a socket a view, and one for the stream.
// Whatever comes from outside is put into the page as text, never as markup.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const MOST = 40; // points of a trend
const QUIET = 90_000; // ms after which a row counts as quiet
const SYMBOL = /^[A-Z0-9^.][A-Z0-9.^=&_-]{0,23}$/; // as core/symbols has it; the server takes a set whole or not at all
const params = new URLSearchParams(location.search);
let symbols = list(params.get("symbols") || localStorage.getItem("symbols") || "AAPL,MSFT,NVDA,BTC-USD,^GSPC,EURUSD=X");
let chosen = params.get("profile") || symbols[0];
let key = sessionStorage.getItem("key") || "";
const rows = new Map();
let interval = 0; // ms from document to document, as the server says
let ahead = 0; // ms by which the server's clock is ahead of this one

function list(text) {
  return [...new Set(text.toUpperCase().split(/[,\s]+/).filter(Boolean))];
}

// One connection that comes back by itself, and says in its section how old what it shows is.
class Feed {
  constructor(section, path, { greet, take, every }) {
    this.section = document.getElementById(section);
    this.note = $("h2 small", this.section);
    Object.assign(this, { path, greet, take, every, tries: 0, heard: 0, opened: 0, newest: 0, ended: "" });
  }

  open() {
    clearTimeout(this.timer);
    this.opened = Date.now();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const protocols = key ? ["tickstream.v1", `tickstream.key.${key}`] : [];
    const socket = (this.socket = new WebSocket(`${scheme}://${location.host}${this.path()}`, protocols));
    socket.onopen = () => {
      this.ended = "";
      if (this.greet) socket.send(this.greet());
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      if (!this.heard) ready();
      this.tries = 0;
      this.heard = Date.now();
      try {
        const said = JSON.parse(event.data);
        this.newest = newest(said);
        this.take(said);
      } catch (error) {
        console.error(error);
      }
      if (this.every !== Infinity) this.show(); // ticks come too often for that
    };
    socket.onclose = (event) => {
      if (socket !== this.socket) return;
      this.ended = event.reason || "not connected";
      if (event.code >= 4500) return this.show(); // it is of no use to come back
      const wait = Math.random() * Math.min(30_000, 500 * 2 ** this.tries++) + 250;
      this.timer = setTimeout(() => this.open(), wait);
      if (this.tries === 1) admitted();
      this.show();
    };
  }

  again() {
    this.tries = 0;
    const old = this.socket;
    this.open();
    if (old) old.close();
  }

  send(text) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
    else this.again();
  }

  // A browser cannot ping: a link that is dead without a word is known by the documents that do not come.
  get silent() {
    return !this.ended && Date.now() - Math.max(this.heard, this.opened) > this.every;
  }

  // By when it was fetched, on the server's clock, and never less than since it came: what comes may be old.
  get age() {
    return Math.max(Date.now() - this.heard, this.newest ? Date.now() + ahead - this.newest : 0);
  }

  get live() {
    return !this.ended && this.heard && this.age < this.every;
  }

  show() {
    const since = this.heard ? `${age(this.age)} old` : "waiting";
    this.note.textContent = this.ended ? `${this.ended} · ${since}` : since;
    this.section.classList.toggle("old", !this.live);
  }
}

// When the newest thing in a document was fetched; 0 where it does not say: the hours are new by themselves.
function newest(said) {
  const stamps = Array.isArray(said) ? said.map((row) => row.asOf) : said.gainers || said.similar ? Object.values(said.asOf) : [];
  return Math.max(0, ...stamps.filter(Boolean).map(Date.parse));
}

function age(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return `${Math.floor(seconds / 3600)}h${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}`;
}

function number(value, digits) {
  if (typeof value !== "number") return "–";
  if (digits === undefined) digits = value && Math.abs(value) < 1 ? Math.min(10, 3 - Math.floor(Math.log10(Math.abs(value)))) : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// Currencies are quoted to a hundredth of a percent.
function price(value, currency, symbol = "") {
  const digits = symbol.endsWith("=X") && Math.abs(value) < 10 ? 4 : undefined;
  return number(value, digits) + (currency === "GBp" && typeof value === "number" ? "p" : "");
}

function short(value) {
  if (typeof value !== "number") return "–";
  return value.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 1 });
}

function signed(value, digits) {
  if (typeof value !== "number") return "–";
  return (value > 0 ? "+" : value < 0 ? "−" : "") + number(Math.abs(value), digits);
}

function percent(value) {
  if (typeof value !== "number") return "–";
  return `${value > 0 ? "▲" : value < 0 ? "▼" : "="} ${signed(value, 2)}%`;
}

function tone(value) {
  return typeof value === "number" && value ? (value > 0 ? "up" : "down") : "";
}

function make(tag, text = "", name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

function fill(parent, children) {
  parent.replaceChildren(...children);
}

function pairs(parent, items) {
  fill(parent, items.flatMap(([name, text, kind]) => [make("dt", name), make("dd", text, kind || "")]));
}

function line(row) {
  const item = make("li");
  item.append(make("span", row.symbol), make("span", number(row.price)), make("span", percent(row.percentChange), tone(row.percentChange)));
  item.title = row.name || "";
  return item;
}

function story(entry) {
  const item = make("li");
  const when = entry.publishedAt ? `${age(Date.now() - Date.parse(entry.publishedAt))} ` : "";
  item.append(make("span", when, "dim"));
  const safe = /^https?:\/\//.test(entry.url || "");
  const text = make(safe ? "a" : "span", entry.title);
  if (safe) Object.assign(text, { href: entry.url, rel: "noopener noreferrer", target: "_blank" });
  item.append(text);
  item.title = entry.title;
  return item;
}

function clock(text) {
  return text ? new Date(text).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" }) : "–";
}

const STATES = { REGULAR: "REG", OVERNIGHT: "NIGHT", PREPRE: "CLS", POSTPOST: "CLS", CLOSED: "CLS" };
const SESSIONS = ["PRE", "REG", "POST", "EXT", "NIGHT"];

function takeTick(tick) {
  if (tick.type || !symbols.includes(tick.id)) return;
  let row = rows.get(tick.id);
  if (!row) rows.set(tick.id, (row = newRow(tick.id)));
  const before = row.said.price;
  Object.assign(row.said, tick);
  if (tick.time && (!row.time || tick.time > row.time)) row.time = tick.time;
  row.heard = row.heard ? Date.now() : Math.min(Date.now(), tick.time || Date.now());
  if (typeof tick.price === "number" && tick.price !== before) {
    row.trend.push(tick.price);
    if (row.trend.length > MOST) row.trend.shift();
    if (before !== undefined) row.moved = Date.now();
  }
  drawRow(row);
}

function newRow(symbol) {
  const element = make("tr");
  const cells = ["text", "", "wide", "", "trend", "text dim", "dim"].map((name) => make("td", "", name));
  const button = make("button", symbol);
  button.onclick = () => profile(symbol);
  cells[0].append(button);
  element.append(...cells);
  return { symbol, element, cells, said: {}, trend: [], heard: 0, moved: 0, time: 0 };
}

function drawRow(row) {
  const { said, cells } = row;
  const digits = typeof said.price_hint === "number" && Math.abs(said.price) >= 1 ? said.price_hint : undefined;
  const way = tone(said.change_percent);
  cells[1].textContent = number(said.price, digits) + (said.currency === "GBp" ? "p" : "");
  cells[2].textContent = signed(said.change, digits);
  cells[3].textContent = percent(said.change_percent);
  cells[2].className = `wide ${way}`;
  cells[3].className = way;
  cells[4].className = `trend ${way}`;
  const closed = said.market_hours === 1 && row.state && row.state !== "REGULAR";
  cells[5].textContent = said.quote_type === 41 || said.quote_type === 14 ? "24h" : closed ? "CLS" : SESSIONS[said.market_hours] || "";
  fill(cells[4], row.trend.length > 1 ? [curve(row.trend)] : []);
}

function curve(points) {
  const low = Math.min(...points), high = Math.max(...points), names = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(names, "svg"), drawn = document.createElementNS(names, "polyline");
  svg.setAttribute("viewBox", "0 0 100 20");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const at = (value, index) => `${((100 * index) / (points.length - 1)).toFixed(1)},${(18 - (16 * (value - low)) / (high - low || 1)).toFixed(1)}`;
  drawn.setAttribute("points", points.map(at).join(" "));
  svg.append(drawn);
  return svg;
}

function takeQuotes(document) {
  fill($("#quotes tbody"), document.map((quote) => {
    const element = make("tr"), row = rows.get(quote.symbol);
    // Pushes of most symbols do not say in what they are quoted; pence must not look like pounds.
    if (row && ((quote.currency && row.said.currency !== quote.currency) || row.state !== quote.marketState)) {
      if (quote.currency) row.said.currency = quote.currency;
      row.state = quote.marketState;
      drawRow(row);
    }
    const beyond = { PRE: quote.preMarketPrice, OVERNIGHT: quote.overnightPrice }[quote.marketState] ?? quote.afterHoursPrice;
    const state = (STATES[quote.marketState] || quote.marketState || "–") + (typeof beyond === "number" ? ` ${price(beyond, quote.currency)}` : "");
    element.append(make("td", quote.symbol, "text"), make("td", quote.name || "", "text name"),
      make("td", price(quote.price, quote.currency, quote.symbol)), make("td", percent(quote.percentChange), tone(quote.percentChange)),
      make("td", price(quote.dayLow, quote.currency, quote.symbol), "wide"), make("td", price(quote.dayHigh, quote.currency, quote.symbol), "wide"),
      make("td", short(quote.volume)), make("td", state, "text dim"));
    return element;
  }));
}

function takeMarket(document) {
  fill($("#market .indices"), document.indices.map((index) => {
    const item = make("li");
    item.title = index.name || "";
    item.append(make("b", index.name || index.symbol), make("span", number(index.price)), " ", make("span", percent(index.percentChange), tone(index.percentChange)));
    return item;
  }));
  for (const name of ["gainers", "losers", "actives"]) fill($(`#market .${name}`), document[name].slice(0, 12).map(line));
  const sectors = [...document.sectors].sort((a, b) => (b.performance ?? -1e9) - (a.performance ?? -1e9));
  fill($("#market .sectors"), sectors.map((sector) => {
    const item = make("li");
    item.append(make("span", sector.sector), make("span", percent(sector.performance), tone(sector.performance)));
    item.title = sector.description;
    return item;
  }));
  fill($("#market .news"), document.headlines.slice(0, 12).map(story));
}

function takeHours(document) {
  const answer = $("#hours .answer");
  const open = document.status === "OPEN" || document.status === "EARLY_CLOSE";
  fill(answer, [make("span", open ? "● " : "○ ", open ? "up" : "dim"), `U.S. markets: ${document.status.replace("_", " ").toLowerCase()}`]);
  pairs($("#hours dl"), [["Why", document.reason], ["Next open", clock(document.nextOpen)], ["Next close", clock(document.nextClose)],
    ["Source", document.asOf.markettime ? "Yahoo's clock" : "calendar only"]]);
}

function takeProfile(document) {
  const quote = document.quote, answer = $("#profile .answer");
  if (!quote) {
    fill(answer, [`${chosen}: not known`]);
    for (const part of ["dl", ".similar", ".news"]) fill($(`#profile ${part}`), []);
    return;
  }
  fill(answer, [`${quote.name || quote.symbol} `, make("span", price(quote.price, quote.currency)), " ",
    make("span", percent(quote.percentChange), tone(quote.percentChange))]);
  const sector = document.sectorPerformance;
  pairs($("#profile dl"), [
    ["Day", `${price(quote.dayLow, quote.currency)} … ${price(quote.dayHigh, quote.currency)}`],
    ["52 weeks", `${price(quote.yearLow, quote.currency)} … ${price(quote.yearHigh, quote.currency)}`],
    ["Volume", short(quote.volume)], ["Market cap", short(quote.marketCap)],
    ["P/E", number(quote.pe)], ["Yield", typeof quote.dividendYield === "number" ? `${number(quote.dividendYield)}%` : "–"],
    ["Sector", quote.sector || "–"],
    ...(sector ? [["Sector today", percent(sector.performance), tone(sector.performance)], ["Sector 1 year", percent(sector.yearReturn), tone(sector.yearReturn)]] : []),
  ]);
  fill($("#profile .similar"), document.similar.map(line));
  fill($("#profile .news"), document.news.slice(0, 6).map(story));
}

const feeds = {
  stream: new Feed("stream", () => "/stream?format=json", { greet: () => JSON.stringify({ subscribe: symbols }), take: takeTick, every: Infinity }),
  quotes: new Feed("quotes", () => "/quotes", { greet: () => symbols.join(","), take: takeQuotes, every: 20_000 }),
  market: new Feed("market", () => "/market", { take: takeMarket, every: 20_000 }),
  hours: new Feed("hours", () => "/hours", { take: takeHours, every: 20_000 }),
  profile: new Feed("profile", () => `/profile/${encodeURIComponent(chosen)}`, { take: takeProfile, every: 20_000 }),
};

function profile(symbol) {
  chosen = symbol;
  feeds.profile.again();
}

function follow(wanted) {
  const gone = symbols.filter((symbol) => !wanted.includes(symbol));
  symbols = wanted;
  localStorage.setItem("symbols", symbols.join(","));
  for (const symbol of gone) rows.delete(symbol);
  if (gone.length) feeds.stream.send(JSON.stringify({ unsubscribe: gone }));
  feeds.stream.send(feeds.stream.greet());
  feeds.quotes.send(feeds.quotes.greet());
  arrange();
}

// Rows stand in the order that was asked for, those without a tick too.
function arrange() {
  for (const symbol of symbols) if (!rows.has(symbol)) rows.set(symbol, newRow(symbol));
  fill($("#stream tbody"), symbols.map((symbol) => rows.get(symbol).element));
}

function say(text) {
  const said = $("#said");
  said.textContent = text;
  said.hidden = !text;
}

// A browser does not say why a WebSocket was refused; a plain request to the same route does.
async function admitted() {
  try {
    const answer = await fetch("/quotes", { headers: key ? { "X-API-Key": key } : {}, cache: "no-store" });
    const wanting = answer.status === 401;
    $("#key-form").hidden = !wanting;
    say(wanting || answer.status === 426 ? "" : `${answer.status}: ${(await answer.text()).trim()}`);
    if (wanting && key) say("That key does not open this server.");
    return !wanting;
  } catch {
    say("The server does not answer.");
    return false;
  }
}

async function ready() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    const text = (await answer.text()).trim();
    const date = Date.parse(answer.headers.get("date"));
    const said = Number(answer.headers.get("x-tickstream-interval")) * 1000;
    if (said && said !== interval) {
      interval = said;
      for (const feed of [feeds.quotes, feeds.market, feeds.hours, feeds.profile]) feed.every = Math.max(20_000, 3 * interval);
    }
    // It says whole seconds, and was on its way; a clock that is right needs no help.
    if (date) ahead = Math.abs(date - Date.now()) > 3000 ? date - Date.now() : 0;
    $("#link").textContent = text;
    const mark = $("#mark");
    const marked = /prices ([A-Z ]+)/.exec(text);
    mark.hidden = !marked;
    mark.textContent = marked ? marked[1] : "";
    if (answer.ok && $("#said").textContent === "The server does not answer.") say("");
  } catch {
    $("#link").textContent = "no answer";
  }
}

function tickAges() {
  const now = Date.now();
  for (const row of rows.values()) {
    row.cells[6].textContent = row.heard ? age(now - row.heard) : "–";
    row.element.classList.toggle("quiet", !row.heard || now - row.heard > QUIET);
    row.element.classList.toggle("moved", now - row.moved < 900);
  }
  const silent = Object.values(feeds).filter((feed) => feed.silent);
  if (silent.length) for (const feed of [...silent, feeds.stream]) feed.again();
  for (const feed of Object.values(feeds)) feed.show();
}

$("#symbols").value = symbols.join(" ");
$("#symbols-form").onsubmit = (event) => {
  event.preventDefault();
  const wanted = list($("#symbols").value);
  const wrong = wanted.filter((symbol) => !SYMBOL.test(symbol));
  say(wrong.length ? `No symbol: ${wrong.join(" ")}` : "");
  if (wanted.length && !wrong.length) follow(wanted);
};
$("#key-form").onsubmit = (event) => {
  event.preventDefault();
  key = $("#key").value.trim();
  sessionStorage.setItem("key", key);
  for (const feed of Object.values(feeds)) feed.again();
};
arrange();
ready();
setInterval(ready, 10_000);
setInterval(tickAges, 500);
for (const feed of Object.values(feeds)) feed.open();
