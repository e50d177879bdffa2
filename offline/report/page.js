/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the page can do beyond being read: sort and filter the table of calls (the timeline follows,
 * and so does the selection of calls below), zoom the timeline, copy filters. Everything it shows is in the page already;
 * nothing is fetched, stored or built from text.
 */
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const LANE = 20;

  document.documentElement.classList.add("js");
  all("[hidden]").forEach((part) => { part.hidden = false; });
  const table = one("#calls");
  const bars = one(".lanes .bars");

  /* ---- copying ---- */

  let saidTimer = 0;
  function say(text) {
    const said = one("#said");
    said.textContent = text;
    clearTimeout(saidTimer);
    saidTimer = setTimeout(() => { said.textContent = ""; }, 2500);
  }

  /* Where there is no clipboard (a page from a file, an old browser) the old command still works. */
  function copyByCommand(text) {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("aria-hidden", "true");
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  async function copy(text) {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      done = copyByCommand(text);
    }
    say(done ? "Copied: " + (text.length > 60 ? text.slice(0, 60) + "\u2026" : text)
             : "The browser does not let this page copy; select the text instead.");
  }

  function addCopy(place, label, text) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", label);
    button.title = label;
    button.dataset.copy = text;
    place.append(button);
  }

  /* The buttons of a call are made when it is opened: a thousand calls would have too many. */
  function equip(call) {
    if (call.dataset.equipped)
      return;
    call.dataset.equipped = "yes";
    for (const filter of all(".filter", call))
      addCopy(filter.parentElement, "Copy this filter", filter.textContent);
    for (const row of all(".exchanges tbody tr", call)) {
      const frames = all(".f", row).flatMap((cell) => cell.textContent.match(/\d+/g));
      if (frames.length > 0)
        addCopy(row.cells[row.cells.length - 2], "Copy a filter for the frames of this exchange",
                "frame.number in {" + [...new Set(frames)].join(", ") + "}");
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button)
      copy(button.dataset.copy);
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.call") && event.target.open)
      equip(event.target);
  }, true);

  /* ---- links into folded calls ---- */

  function openTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const body = id && document.getElementById(id);
    const call = body && body.closest("details.call");
    if (!call)
      return;
    call.hidden = false;
    call.open = true;
    equip(call);
    call.scrollIntoView({ block: "start" });
    one("summary", call).focus({ preventScroll: true });
  }
  addEventListener("hashchange", openTarget);

  if (!table || !bars) {
    openTarget();
    return;
  }

  /* ---- calls: a row, a lane, a name, a block each ---- */

  const byCall = (list) => new Map(list.map((part) => [part.dataset.call, part]));
  const lanes = byCall(all("[data-call]", bars));
  const blocks = byCall(all("details.call"));
  const names = new Map(all(".names a").map((a) => [a.getAttribute("href").slice(6), a]));
  const headings = all("thead th", table);
  const calls = all("tbody tr", table).map((row) => ({
    row,
    number: row.dataset.call,
    outcome: row.className,
    lane: lanes.get(row.dataset.call),
    name: names.get(row.dataset.call),
    block: blocks.get(row.dataset.call),
    keys: [],
    text: null,
  }));
  let shown = calls;
  const view = { words: [], outcome: "", column: 0, down: false };

  /* What is searched: the row, its ids, and the findings and endpoints of its call. */
  function textOf(call) {
    if (call.text === null) {
      const parts = all(".findings a, .facts dd", call.block).map((part) => part.textContent);
      call.text = (call.row.textContent + " " + call.row.dataset.find + " " + parts.join(" "))
        .toLowerCase();
    }
    return call.text;
  }

  function keyOf(call, column) {
    if (call.keys[column] === undefined) {
      const cell = call.row.cells[column];
      const text = cell.dataset.v ?? cell.textContent;
      call.keys[column] = text !== "" && !isNaN(text) ? Number(text) : text.toLowerCase();
    }
    return call.keys[column];
  }

  /* Equal ones stay in the order of the capture; what is empty comes last either way. */
  function compare(a, b) {
    const first = keyOf(a, view.column), second = keyOf(b, view.column);
    if ((first === "") !== (second === ""))
      return first === "" ? 1 : -1;
    if (typeof first !== typeof second)
      return typeof first === "number" ? -1 : 1;
    if (first === second)
      return a.number - b.number;
    const order = first < second ? -1 : 1;
    return view.down ? -order : order;
  }

  const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  function matches(call) {
    return (!view.outcome || call.outcome === view.outcome) &&
      view.words.every((word) => textOf(call).includes(word));
  }

  /* Rows and lanes in the order of the view; rows, lanes and blocks in its selection. */
  function apply(reorder) {
    if (reorder) {
      calls.sort(compare);
      one("tbody", table).append(...calls.map((call) => call.row));
    }
    shown = calls.filter(matches);
    const isShown = new Set(shown);
    for (const call of calls) {
      const hide = !isShown.has(call);
      if (call.row.hidden === hide)
        continue;
      call.row.hidden = call.block.hidden = hide;
      call.lane.toggleAttribute("hidden", hide);
      call.name.toggleAttribute("hidden", hide);
    }
    shown.forEach((call, at) => {
      const where = "translate(0 " + at * LANE + ")";
      call.lane.setAttribute("transform", where);
      call.name.setAttribute("transform", where);
    });
    const height = Math.max(shown.length, 1) * LANE;
    bars.setAttribute("height", height);
    one(".lanes .names").setAttribute("height", height);
    one("#count").textContent = shown.length === calls.length
      ? "" : shown.length + " of " + calls.length + " calls";
    for (const button of all("#tiles button"))
      button.setAttribute("aria-pressed", String(button.dataset.outcome === view.outcome));
    draw();
  }

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      view.down = view.column === column && !view.down;
      view.column = column;
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      apply(true);
    });
  });

  const find = one("#find");
  find.addEventListener("input", () => {
    view.words = wordsOf(find.value);
    apply(false);
  });
  one("#clear").addEventListener("click", () => {
    find.value = "";
    view.words = [];
    view.outcome = "";
    apply(false);
    find.focus();
  });

  for (const tile of all("#tiles [data-outcome]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.outcome = tile.dataset.outcome;
    button.append(...one("span", tile).childNodes);
    tile.replaceChildren(button);
    button.addEventListener("click", () => {
      view.outcome = button.dataset.outcome === view.outcome ? "" : button.dataset.outcome;
      apply(false);
    });
  }

  /* A reason for trouble leads to its calls: twenty of them are named there, there may be more. */
  for (const group of all(".trouble [data-outcome]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Show only these";
    group.append(button);
    button.addEventListener("click", () => {
      find.value = one(".reason", group)?.textContent ?? "";
      view.words = wordsOf(find.value);
      view.outcome = group.dataset.outcome;
      apply(false);
      one("#h-timeline").scrollIntoView();
    });
  }

  one("#fold").addEventListener("click", (event) => {
    const fold = event.target.dataset.fold;
    if (fold === "close")
      all("details.call[open]").forEach((call) => { call.open = false; });
    else if (fold === "open")
      shown.forEach((call) => { call.block.open = true; });
  });

  /* ---- the timeline ---- */

  const first = Number(bars.dataset.first); /* ms since 1970 of coordinate 0 */
  const unit = Number(bars.dataset.unit); /* ms of a coordinate */
  const whole = bars.viewBox.baseVal.width;
  const seen = { from: 0, width: whole };
  const SVG = "http://www.w3.org/2000/svg";
  const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3,
                 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3, 10800e3, 21600e3, 43200e3, 86400e3];
  const mark = document.createElementNS(SVG, "rect");
  mark.setAttribute("class", "mark");
  mark.setAttribute("height", LANE);
  mark.setAttribute("x", 0);
  mark.setAttribute("width", whole);
  mark.setAttribute("visibility", "hidden");
  bars.prepend(mark);

  function timeText(ms, step) {
    const iso = new Date(ms).toISOString();
    if (ms % 86400e3 === 0)
      return iso.slice(0, 10);
    return iso.slice(11, step >= 60e3 ? 16 : step >= 1e3 ? 19
                          : step >= 100 ? 21 : step >= 10 ? 22 : 23);
  }

  const ROOMS = { s: 230, m: 400, l: 740 }; /* these as in html_timeline.c */
  const LETTER = 7, GAP = 8;

  /* The widths of an axis at which a label has room: the style shows those of the width that there is.
     `taken` is how far the labels before it reach. */
  function roomsFor(label, share, taken) {
    const width = label.length * LETTER;
    return Object.keys(ROOMS).filter((name) => {
      const left = share * ROOMS[name] - width / 2;
      if (left < (taken[name] ?? 0) || left + width > ROOMS[name])
        return false;
      taken[name] = left + width + GAP;
      return true;
    });
  }

  function drawAxis() {
    const axis = one(".lanes > .axis svg"), grid = one(".lanes .grid");
    const from = first + seen.from * unit, extent = seen.width * unit;
    let step = STEPS.find((s) => extent / s < 8) ?? 86400e3;
    while (extent / step >= 8)
      step *= 2;
    const texts = [], lines = [], taken = {};
    for (let t = Math.ceil(from / step) * step; t <= from + extent; t += step) {
      const share = (t - from) / extent, x = share * 100 + "%";
      const text = document.createElementNS(SVG, "text");
      text.textContent = timeText(t, step);
      text.setAttribute("class", roomsFor(text.textContent, share, taken).join(" "));
      text.setAttribute("x", x);
      text.setAttribute("y", 16);
      if (text.classList.length > 0)
        texts.push(text);
      const line = document.createElementNS(SVG, "line");
      for (const [name, value] of [["x1", x], ["x2", x], ["y1", 0], ["y2", "100%"]])
        line.setAttribute(name, value);
      lines.push(line);
    }
    axis.replaceChildren(...texts);
    grid.replaceChildren(...lines);
  }

  let drawing = 0;
  function draw() {
    cancelAnimationFrame(drawing);
    drawing = requestAnimationFrame(() => {
      bars.setAttribute("viewBox", seen.from + " 0 " + seen.width + " " + bars.getAttribute("height"));
      drawAxis();
    });
  }

  /* Shows the stretch that begins at `from` and is `width` long, as far as the whole goes. */
  function look(from, width) {
    seen.width = Math.min(whole, Math.max(width, 10 / unit));
    seen.from = Math.min(whole - seen.width, Math.max(from, 0));
    draw();
  }

  /* Zooms by a factor; the place `at` (0 to 1) stays where it is. */
  function zoom(factor, at = 0.5) {
    const width = Math.min(whole, seen.width * factor);
    look(seen.from + (seen.width - width) * at, width);
  }

  /* Shows the calls shown from their first bar to their last. */
  function fit() {
    let from = Infinity, to = -Infinity;
    for (const bar of shown.flatMap((call) => all("rect", call.lane))) {
      const x = bar.x.baseVal.value;
      from = Math.min(from, x);
      to = Math.max(to, x + bar.width.baseVal.value);
    }
    if (from < to)
      look(from - (to - from) / 50, (to - from) * 1.04);
  }

  const moves = {
    in: () => zoom(1 / 2),
    out: () => zoom(2),
    left: () => look(seen.from - seen.width / 3, seen.width),
    right: () => look(seen.from + seen.width / 3, seen.width),
    all: () => look(0, whole),
    fit,
  };
  one("#zoom").addEventListener("click", (event) => moves[event.target.dataset.zoom]?.());

  const KEYS = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all" };
  one("#lanes").addEventListener("keydown", (event) => {
    const move = moves[KEYS[event.key]];
    if (!move || event.ctrlKey || event.metaKey || event.altKey)
      return;
    event.preventDefault();
    move();
  });

  function placeOf(event) {
    const box = bars.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) / box.width,
      call: shown[Math.floor((event.clientY - box.top) / LANE)],
    };
  }

  bars.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey)
      return;
    event.preventDefault();
    if (event.ctrlKey)
      zoom(event.deltaY > 0 ? 1.25 : 0.8, placeOf(event).x);
    else
      look(seen.from + seen.width * Math.sign(event.deltaY || event.deltaX) / 8, seen.width);
  }, { passive: false });

  /* What stands under the pointer: the time, the call, the state. */
  function tell(event) {
    const { x, call } = placeOf(event);
    const where = one("#where");
    mark.setAttribute("visibility", call ? "visible" : "hidden");
    if (!call)
      return;
    mark.setAttribute("y", shown.indexOf(call) * LANE);
    const state = event.target.closest("g:not([data-call])");
    where.textContent = new Date(first + (seen.from + x * seen.width) * unit).toISOString()
      .slice(11, 23) + "  " + (state ? one("title", state).textContent + "  \u2014  " : "") +
      one(".told", call.row).textContent;
  }

  let drag = null;
  bars.addEventListener("pointerdown", (event) => {
    if (event.button === 0)
      drag = { x: event.clientX, from: seen.from, moved: false };
  });
  addEventListener("pointermove", (event) => {
    if (!drag)
      return;
    const by = event.clientX - drag.x;
    drag.moved = drag.moved || Math.abs(by) > 4;
    if (drag.moved)
      look(drag.from - by / bars.getBoundingClientRect().width * seen.width, seen.width);
  });
  addEventListener("pointerup", (event) => {
    const click = drag && !drag.moved && bars.contains(event.target);
    drag = null;
    if (!click)
      return;
    const { call } = placeOf(event);
    if (call)
      go(call);
  });
  bars.addEventListener("pointermove", tell);
  bars.addEventListener("pointerleave", () => mark.setAttribute("visibility", "hidden"));

  /* Opens a call, also when it is the one that the address names already. */
  function go(call) {
    const hash = "#call-" + call.number;
    if (location.hash === hash)
      openTarget();
    else
      location.hash = hash;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#call-']");
    if (link && link.getAttribute("href") === location.hash)
      openTarget();
  });

  openTarget();
})();
