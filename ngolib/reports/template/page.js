"use strict";
// Comfort on top of a page that is whole without it: sorting, filtering, opening what is folded.
const FEW = 8;
const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function element(name, text, attributes) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return made;
}

function makeSortable(table, rows) {
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const label = header.textContent.trim();
    if (!label) return;
    const button = element("button", label, { type: "button", title: "Sort by this column" });
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const now = header.getAttribute("aria-sort");
      headers.forEach(other => other.removeAttribute("aria-sort"));
      let sorted = rows;
      if (now !== "descending") {
        header.setAttribute("aria-sort", now ? "descending" : "ascending");
        const text = row => row.cells[column].textContent.trim();
        // An empty cell is not known: it stands last either way.
        sorted = [...rows].sort((a, b) => {
          const [x, y] = [text(a), text(b)];
          if (!x || !y) return !x - !y;
          return now ? order.compare(y, x) : order.compare(x, y);
        });
      }
      body.append(...sorted);
    });
  });
}

function makeFilterable(table, rows) {
  const caption = table.caption ? table.caption.textContent.trim() : "table";
  const input = element("input", "", { type: "search", "aria-label": "Filter rows: " + caption, placeholder: "Filter rows" });
  const count = element("output", rows.length + " rows", {});
  input.addEventListener("input", () => {
    const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLocaleLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      shown += !row.hidden;
    }
    count.textContent = (shown < rows.length ? shown + " of " : "") + rows.length + " rows";
  });
  const bar = element("div", "", { class: "filter" });
  bar.append(input, count);
  table.parentElement.before(bar);
}

function openAround(target) {
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
}

function goToTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  openAround(target);
  target.scrollIntoView();
  // A number holds for this page as it is now; the address is to name what lasts.
  const lasting = target.querySelector(":scope > [id^=ev-]");
  if (lasting) history.replaceState(null, "", "#" + lasting.id);
}

for (const table of document.querySelectorAll("main table")) {
  if (!table.tHead || !table.tBodies[0] || table.tBodies[0].rows.length < FEW) continue;
  const rows = [...table.tBodies[0].rows];
  makeSortable(table, rows);
  makeFilterable(table, rows);
}

const code = [...document.querySelectorAll("details.code")];
if (code.length) {
  const button = element("button", "Open all code", { type: "button", class: "switch", "aria-pressed": "false" });
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") === "false";
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Close all code" : "Open all code";
    for (const one of code) one.open = open;
  });
  document.querySelector(".toc").append(button);
}

// Where the contents stand above the page, not beside it, they are folded.
const contents = document.querySelector(".toc details");
if (contents && matchMedia("(max-width: 63.99rem)").matches) contents.open = false;

addEventListener("hashchange", goToTarget);
if (location.hash) goToTarget();
