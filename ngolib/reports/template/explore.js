"use strict";
// Shows the rules in force by country, field and year; the choice stands in the address.
const USUAL = { typical: "Usual NGO", strictest: "Anybody" };
const data = JSON.parse(document.getElementById("data").textContent);
const [field, year, slider, list, summary, command, copied] =
  ["field", "year", "slider", "rules", "summary", "command", "copied"].map(id => document.getElementById(id));
const boxes = [...document.querySelectorAll("[name=country]")];
const { sure, perhaps, ...columns } = data.rules;
const rules = sure.map((span, row) => {
  const rule = { sure: span, perhaps: perhaps[row] };
  for (const name in columns) {
    const cell = columns[name][row];
    rule[name] = name !== "rung" && typeof cell === "number" ? data.words[cell] : cell;
  }
  return rule;
});

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.append(...children);
  return made;
}

const levelOf = (code, rung) => `${data.levels[code + " " + rung]} (${rung})`;
const within = ([first, last], at) => first <= at && at <= last;

// Says how strict a country is in a field, as the panel does.
function strictness(country, code, reading, at) {
  const [rung, possible, presumed] = data.panel[`${country} ${code} ${reading}`].map(years => years[at]);
  if (possible === "-") return "no level is known";
  if (rung === "-") return "possibly " + levelOf(code, possible);
  return levelOf(code, rung) + (possible > rung ? `, possibly ${levelOf(code, possible)}` : "")
    + (presumed === "1" ? ", start presumed" : "");
}

function told(rule, at) {
  const level = rule.rung === null ? rule.direction : levelOf(rule.category, rule.rung);
  const href = `../acts/${rule.process_id}.html#${rule.rule_id}`;
  return element(
    "li", {},
    element("a", { href }, rule.short),
    element("p", {}, ...(within(rule.sure, at) ? [] : [element("span", { class: "perhaps" }, "possibly in force"), " · "]), element("b", {}, level)),
    element("p", {}, `${rule.place} · ${rule.since}`),
    element("p", {}, `Binds: ${rule.binds} · penalty: ${rule.penalty}`),
  );
}

function side(country, code, at) {
  const own = rules.filter(rule => rule.country === country && rule.category === code && within(rule.perhaps, at));
  const searched = data.panel[`${country} ${code}`][at];
  const levels = Object.entries(USUAL).map(([reading, name]) => element(
    "div", {}, element("dt", {}, name), element("dd", {}, strictness(country, code, reading, at)),
  ));
  return element(
    "div", {},
    element("h3", {}, data.countries[country]),
    searched ? element("p", { class: "levels" }, `No level is known (${searched}).`) : element("dl", { class: "levels" }, ...levels),
    own.length ? element("ul", {}, ...own.map(rule => told(rule, at))) : element("p", {}, "No rule in force is known."),
  );
}

function show() {
  const countries = boxes.filter(box => box.checked).map(box => box.value);
  const codes = field.value === "all" ? Object.keys(data.fields) : [field.value];
  const at = year.value - data.first, closing = +year.value === data.last;
  const state = `#c=${countries.join(",")}&f=${field.value}&y=${year.value}`;
  const numbers = countries.map(country => {
    const own = rules.filter(rule => rule.country === country && codes.includes(rule.category));
    const certain = own.filter(rule => within(rule.sure, at)).length;
    const others = own.filter(rule => within(rule.perhaps, at)).length - certain;
    return `${data.countries[country]} ${certain}` + (others ? ` and ${others} possibly` : "");
  });
  summary.textContent = countries.length
    ? `Rules in force ${closing ? "on " + data.closing : "at the end of " + year.value}, ${field.selectedOptions[0].text.toLowerCase()}: ${numbers.join("; ")}.`
    : "Choose a country.";
  list.replaceChildren(...codes.filter(() => countries.length).map(code => element(
    "section", {},
    element("h2", {}, data.fields[code]),
    element("div", { class: "sides" }, ...countries.map(country => side(country, code, at))),
  )));
  const chosen = field.value === "all" ? "" : ` -p fields=${field.value}`;
  command.textContent = `ngolib report 02_restrictions_compared -p countries=${countries.join(",")}${chosen} -p end=${year.value}`;
  command.parentElement.hidden = !countries.length;
  copied.textContent = "";
  return state;
}

function inRange(value) {
  return Math.min(data.last, Math.max(data.first, Math.round(value) || data.last));
}

function read() {
  const state = new URLSearchParams(location.hash.slice(1));
  const known = (state.get("c") ?? "KAZ,RUS").split(",").filter(code => code in data.countries);
  for (const box of boxes) box.checked = known.includes(box.value);
  field.value = state.get("f") ?? "foreign_funding";
  if (!field.value) field.value = "all";
  year.value = slider.value = inRange(state.get("y") ?? data.last);
  show();
}

const form = document.querySelector("form");
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("input", event => {
  if (event.target === slider) year.value = slider.value;
  // A year that is being typed is not yet one.
  if (!year.checkValidity()) return;
  slider.value = year.value;
  show();
});
form.addEventListener("change", () => {
  year.value = slider.value = inRange(year.checkValidity() ? year.value : slider.value);
  history.replaceState(null, "", show());
});
document.getElementById("copy").addEventListener("click", async () => {
  history.replaceState(null, "", show());
  try {
    await navigator.clipboard.writeText(location.href);
    copied.textContent = "Copied.";
  } catch {
    copied.textContent = "The browser does not allow it: the address of this page is the link.";
  }
});
addEventListener("hashchange", read);
document.getElementById("explorer").hidden = false;
read();
