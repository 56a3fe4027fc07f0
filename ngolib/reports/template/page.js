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

// On a narrow screen a row is a card, and each cell says what column it is of.
function labelCells(table) {
  const labels = [...table.tHead.rows[0].cells].map(header => header.textContent.trim());
  for (const row of table.tBodies[0].rows)
    [...row.cells].forEach((cell, column) => { cell.dataset.label = labels[column] || ""; });
}

function makeTable(table) {
  if (!table.tHead || !table.tBodies[0]) return;
  const rows = [...table.tBodies[0].rows];
  if (matchMedia("(max-width: 40rem)").matches) labelCells(table);
  if (rows.length < FEW) return;
  makeSortable(table, rows);
  makeFilterable(table, rows);
}

// --- how to cite what stands here: BibTeX, RIS and CSL ---------------------------------------------

const site = JSON.parse(document.documentElement.dataset.of || "null");
const BIBTEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
const forBibtex = text => text.replace(/[\\&%$#_{}~^]/g, sign => BIBTEX[sign] || "\\" + sign);

// Where it is published a page's address lasts; from a folder the path in it does.
function permalink(id) {
  const root = new URL(".", document.querySelector("nav[aria-label=Site] a").href).href;
  const path = location.href.split("#")[0].slice(root.length) + (id ? "#" + id : "");
  return (location.protocol.startsWith("http") ? root : site.home && site.home.replace(/\/*$/, "/")) + path;
}

function citations(words, id, kind) {
  const title = words.replace(/\s+/g, " ");
  const place = permalink(id);
  const key = "ngolib-" + place.replace(/^.*\/(?=[^/]*\/[^/]*$)/, "").replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, "");
  const [year, month, day] = site.date.split("-");
  const note = `Version ${site.version}, data of ${site.date}`;
  const web = /^https?:/.test(place);
  const bibtex = [
    `@misc{${key},`,
    `  author = {${site.authors.map(name => `{${forBibtex(name)}}`).join(" and ")}},`,
    `  title = {${forBibtex(title)}},`,
    `  howpublished = {In: ${forBibtex(site.title)}},`,
    `  year = {${year}},`,
    `  note = {${note}${web ? "" : ", " + forBibtex(place)}},`,
    ...(web ? [`  url = {${place}},`] : []),
    "}",
  ].join("\n");
  const ris = [
    ["TY", kind === "figure" ? "FIGURE" : "DATA"],
    ...site.authors.map(name => ["AU", name]),
    ["TI", title], ["T2", site.title], ["PY", year], ["DA", `${year}/${month}/${day}`],
    ["ET", site.version], ["N1", note], [web ? "UR" : "L1", place], ["ID", key], ["ER", ""],
  ].map(([tag, value]) => `${tag}  - ${value}`).join("\r\n") + "\r\n";
  const csl = JSON.stringify([{
    id: key, type: kind === "figure" ? "graphic" : "dataset", title, "container-title": site.title,
    author: site.authors.map(literal => ({ literal })), version: site.version,
    issued: { "date-parts": [[+year, +month, +day]] }, note: `data of ${site.date}`,
    ...(web ? { URL: place } : { archive_location: place }),
  }], null, 1);
  const plain = `${site.authors.join(", ")} (${year}): ${title}. In: ${site.title}. ${note}. ${place}`;
  return { plain, key, forms: { BibTeX: ["bib", bibtex], RIS: ["ris", ris], CSL: ["json", csl] } };
}

function file(name, text, type) {
  const link = element("a", name, { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type }));
  return link;
}

function citation(title, id, kind) {
  const { plain, key, forms } = citations(title, id, kind);
  const box = element("div", "", { class: "citation" });
  box.append(element("p", plain, {}));
  for (const form in forms) {
    const [ending, text] = forms[form];
    const line = element("p", form + ": ", {});
    const copy = element("button", "copy", { type: "button", "aria-label": "Copy as " + form });
    copy.addEventListener("click", () => navigator.clipboard.writeText(text).then(() => { copy.textContent = "copied"; }));
    line.append(copy, " ", file(key + "." + ending, text, "text/plain"));
    box.append(line, element("pre", text, { tabindex: "0" }));
  }
  return box;
}

// Each thing that can be cited bears its title.
function makeCitable(thing) {
  const button = element("button", "cite", { type: "button", "aria-expanded": "false" });
  const tools = thing.querySelector(":scope > .tools") || thing;
  const kind = thing.classList.contains("ngo-figure") ? "figure" : "";
  button.addEventListener("click", () => {
    const shown = thing.querySelector(":scope > .citation");
    if (shown) shown.remove();
    else {
      const box = citation(thing.dataset.cite, thing.dataset.at || thing.id, kind);
      thing.append(box);
      box.scrollIntoView({ block: "nearest" });
    }
    button.setAttribute("aria-expanded", String(!shown));
  });
  tools.append(" · ", button);
}

function openAround(target) {
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
}

function goToTarget() {
  let name = location.hash.slice(1);
  // A sign of per cent may stand for itself.
  try { name = decodeURIComponent(name); } catch { name = ""; }
  const target = document.getElementById(name);
  if (!target) return;
  openAround(target);
  target.scrollIntoView();
}

document.querySelectorAll("main table").forEach(makeTable);
if (site) document.querySelectorAll("[data-cite]").forEach(makeCitable);
addEventListener("hashchange", goToTarget);
if (location.hash) goToTarget();
