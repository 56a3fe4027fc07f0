
// --- reports: what stands behind a mark, a number, a word -------------------------------------------

const PIECE = /^#e\d+$/;
const pieceOf = link => document.getElementById((link.dataset.piece || link.getAttribute("href") || "").slice(1));
const isMark = link => link.dataset.piece || PIECE.test(link.getAttribute("href") || "");
const linkOf = piece => piece.parentElement.previousElementSibling.querySelector("a");
const actOf = piece => linkOf(piece) ? linkOf(piece).textContent : "";
const sayOf = piece => piece.querySelector("b, p").textContent;
const nameOf = piece => actOf(piece) + ": " + sayOf(piece);
// A place on the page of a piece is mostly named after that page.
function addressOf(piece) {
  const link = linkOf(piece), at = piece.dataset.at;
  if (!link || !at) return "#" + piece.id;
  const page = link.getAttribute("href");
  return page + "#" + (at.startsWith(".") ? page.replace(/^.*\/|\.html$/g, "") : "") + at;
}
const preview = element("div", "", { id: "preview", role: "tooltip", hidden: "" });
let shownAt = null, leaving = 0;
document.body.append(preview);

function hide() {
  preview.hidden = true;
  if (shownAt) shownAt.removeAttribute("aria-describedby");
  shownAt = null;
}

function show(link) {
  clearTimeout(leaving);
  if (shownAt === link) return;
  hide();
  if (isMark(link)) {
    const piece = pieceOf(link);
    if (!piece) return;
    // With a script a mark leads to the page that tells all of its piece.
    link.dataset.piece = "#" + piece.id;
    link.setAttribute("href", addressOf(piece));
    const more = element("a", "all about it", { href: addressOf(piece) });
    preview.replaceChildren(element("strong", actOf(piece), {}), ...[...piece.children].map(part => part.cloneNode(true)), more);
  } else preview.replaceChildren(element("span", link.dataset.says, {}));
  preview.hidden = false;
  link.setAttribute("aria-describedby", "preview");
  const at = link.getBoundingClientRect(), own = preview.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - own.width - 8));
  const below = at.bottom + own.height + 8 < innerHeight || at.top < own.height + 8;
  preview.style.left = left + scrollX + "px";
  preview.style.top = scrollY + (below ? at.bottom + 4 : at.top - own.height - 4) + "px";
  shownAt = link;
}

const wanted = event => event.target.closest && event.target.closest("main a[href^='#e'], main a[data-piece], main a.term");
const told = link => link && (isMark(link) || link.dataset.says);
addEventListener("pointerover", event => {
  if (preview.contains(event.target)) clearTimeout(leaving);
  const link = wanted(event);
  if (told(link)) show(link);
});
addEventListener("pointerout", event => {
  if (!shownAt || !(preview.contains(event.target) || wanted(event))) return;
  clearTimeout(leaving);
  leaving = setTimeout(hide, 200);
});
addEventListener("focusin", event => {
  const link = wanted(event);
  if (told(link)) show(link);
  else if (!preview.contains(event.target)) hide();
});
addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
// A finger has no way to point: the first touch shows, the link in what is shown leads on.
addEventListener("click", event => {
  const link = wanted(event);
  if (event.pointerType === "touch" && told(link) && !preview.contains(event.target)) {
    event.preventDefault();
    show(link);
  } else if (event.pointerType === "touch" && !preview.contains(event.target)) hide();
});

// The marks of a figure: one stop of the keyboard, arrows within.
function makeFigure(svg) {
  const marks = [...svg.querySelectorAll("a")].filter(link => isMark(link) && pieceOf(link));
  if (!marks.length) return;
  svg.removeAttribute("aria-hidden");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", marks.length + " marks; arrow keys lead from one to the next");
  marks.forEach(mark => mark.setAttribute("aria-label", nameOf(pieceOf(mark))));
  marks[0].setAttribute("tabindex", "0");
  svg.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = step && marks[marks.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    document.activeElement.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}

// The list behind a count: every piece that it rests on, to sort, to filter and to take away.
function listOf(links, caption) {
  const pieces = [...new Set(links.map(pieceOf))].filter(Boolean);
  const table = element("table", "", {});
  table.append(element("caption", caption, {}));
  const columns = ["act", "what", "quote"];
  const head = table.createTHead().insertRow();
  columns.forEach(name => head.append(element("th", name, { scope: "col" })));
  const body = table.createTBody();
  const cells = pieces.map(piece => [actOf(piece), sayOf(piece), (piece.querySelector("q") || piece).textContent]);
  pieces.forEach((piece, n) => {
    const row = body.insertRow();
    row.append(element("th", cells[n][0], { scope: "row" }));
    row.insertCell().append(element("a", cells[n][1], { href: addressOf(piece) }));
    row.insertCell().append(...[...piece.children].slice(1).flatMap(part => [part.cloneNode(true), " "]));
  });
  const box = element("div", "", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption });
  box.append(table);
  const whole = element("div", "", { class: "list" });
  const quoted = text => '"' + text.replaceAll('"', '""') + '"';
  const csv = [columns, ...cells].map(row => row.map(quoted).join(",")).join("\n") + "\n";
  whole.append(box, file("list.csv", csv, "text/csv"));
  makeTable(table);
  return whole;
}

for (const fold of document.querySelectorAll("details.ngo-more")) {
  fold.addEventListener("toggle", () => {
    const around = [...fold.parentElement.querySelectorAll("a.n")];
    fold.querySelector("summary").after(listOf(around, "All that it rests on"));
    fold.querySelectorAll(":scope > a.n").forEach(mark => { mark.hidden = true; });
  }, { once: true });
}
for (const said of document.querySelectorAll(".tools .from")) {
  const box = said.closest("[data-cite]");
  const button = element("button", said.textContent, { type: "button", "aria-expanded": "false" });
  button.addEventListener("click", () => {
    const shown = box.querySelector(":scope > .list");
    if (shown) shown.remove();
    else said.parentElement.after(listOf([...box.querySelectorAll("a.n, table a[data-piece]")], "What it rests on"));
    button.setAttribute("aria-expanded", String(!shown));
  });
  said.replaceChildren(button);
}
document.querySelectorAll("figure svg").forEach(makeFigure);

const code = [...document.querySelectorAll("details.code")];
if (code.length) {
  const button = element("button", "Show the code", { type: "button", class: "switch", "aria-pressed": "false" });
  // Who reads only is not to stumble over the code of every figure.
  document.body.classList.add("without-code");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") === "false";
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Hide the code" : "Show the code";
    document.body.classList.toggle("without-code", !open);
    for (const one of code) one.open = open;
  });
  document.querySelector(".toc").append(button);
}

// Where the contents stand above the page, not beside it, they are folded.
const contents = document.querySelector(".toc details");
if (contents && matchMedia("(max-width: 63.99rem)").matches) contents.open = false;
