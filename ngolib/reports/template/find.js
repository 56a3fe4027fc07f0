"use strict";
// Looks for words in what the page holds. Letters that readers write in more than one way are alike.
const MOST = 50, FAR = 6;
const LETTERS = new Map((
  "а:a б:b в:v г:g д:d е:e ж:zh з:z и:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:k ц:ts ч:ch ш:sh "
  + "щ:shch ъ: ы:y ь: э:e ю:yu я:ya ә:a ғ:g қ:k ң:n ө:o ұ:u ү:u һ:k і:i є:e ґ:g ҳ:k q:k j:zh ı:i ŋ:n "
  + "ʻ:' ʼ:' ‘:' ’:' \u00ad:"
).split(" ").map(pair => pair.split(":")));
// Endings of Russian and English words: "иностранный агент" is to find "иностранного агента".
const ENDING = /(?:[оеы]?го|[оеы]?му|[оеыи]й|[иы]х|[иыая]?ми?|[оеа]в|ах|ях|ую|[ыои]е|ая|[аяоеуюыи]|(?<=.{5})(?:y|ies)|s)$/;
const INSIDE = /[\p{L}\p{N}]/u;
const data = JSON.parse(document.getElementById("data").textContent);
const [box, count, list, hint] = ["box", "count", "found", "hint"].map(id => document.getElementById(id));

const plain = new Map();
function alike(char) {
  if (!plain.has(char)) {
    const bare = char.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/[\p{Pd}−]/gu, "-");
    plain.set(char, [...bare].map(letter => LETTERS.get(letter) ?? letter).join(""));
  }
  return plain.get(char);
}

// Returns the letters that are compared, and where in the text each comes from.
function fold(text) {
  const places = [];
  let letters = "", place = 0;
  for (const char of text) {
    const groups = char === "," && /^\d,\d{3}/.test(text.slice(place - 1, place + 4));
    for (const letter of groups ? "" : alike(char)) {
      if (letter === "h" && letters.endsWith("k")) continue;
      letters += letter;
      places.push(place);
    }
    place += char.length;
  }
  return { letters, places: [...places, place] };
}

const word = cell => typeof cell === "number" ? data.words[cell] : cell;
const items = data.kinds.flatMap(kind => kind.page.map((page, row) => {
  const [folder, name] = data.pages[page].split("/");
  const anchor = word(kind.anchor[row]);
  const told = kind.told.map(column => word(column[row]));
  const also = kind.also.map(column => word(column[row]));
  const [title, ...rest] = [...told, ...also].map(text => fold(text).letters);
  return {
    id: `${/^[.-]/.test(anchor) || !anchor ? name : ""}${anchor}`.toLowerCase(),
    kind: kind.name, told, also, letters: [title, ...rest].join("\n"), head: title.length,
    href: `../${folder}/${name}.html${anchor && "#"}${/^[.-]/.test(anchor) ? name : ""}${anchor}`,
  };
}));

// A word that is looked for: as typed, then without its ending.
function asked(query) {
  const parts = query.normalize("NFC").toLowerCase().replace(/(?:№|\bno\b\.?)\s*(?=\d)/g, " ").split(/\s+/);
  return parts.flatMap(part => /\d/.test(part) ? part : part.split(/\p{Pd}/u))
    .map(part => part.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter(Boolean)
    .map(typed => {
      const stem = typed.replace(ENDING, "");
      const forms = typed.length > 4 && stem.length > 3 ? [typed, stem] : [typed];
      const letters = forms.map(form => fold(form).letters).filter(Boolean);
      return { long: /^\p{L}{6,}$/u.test(typed), forms: [...new Set(letters)] };
    })
    // A sign that stands for no letter of its own, such as ъ, looks for nothing.
    .filter(word => word.forms.length);
}

// 0: the whole word, 1: its beginning, FAR: its middle; 2 more where it is not in the title.
function rank(item, form, typed) {
  let best = Infinity;
  for (let at = item.letters.indexOf(form); at >= 0; at = item.letters.indexOf(form, at + 1)) {
    const before = item.letters.charAt(at - 1), after = item.letters.charAt(at + form.length);
    const begins = !INSIDE.test(before);
    if (!begins && !typed) continue;
    const whole = begins && typed && before !== "-" && after !== "-" && !INSIDE.test(after);
    // Of a number the beginning is another number.
    const longer = /\d$/.test(form) && /\d/.test(after);
    best = Math.min(best, (whole ? 0 : begins && !longer ? 1 : FAR) + (at < item.head ? 0 : 2));
  }
  return best;
}

function search(words) {
  const phrase = words.map(({ forms }) => forms[0]).join(" ");
  const score = item => words.reduce(
    (sum, { forms }) => sum + Math.min(...forms.map((form, n) => rank(item, form, n === 0))),
    words.length > 1 && item.letters.includes(phrase) ? -1 : 0,
  );
  return items.map(item => [score(item), item]).filter(([points]) => points < Infinity)
    .sort(([a], [b]) => a - b).map(([, item]) => item);
}

// Says whether one typing error parts a word from the beginning of another.
function near(typed, other) {
  let at = 0;
  while (at < typed.length && typed[at] === other[at]) at++;
  const rest = typed.slice(at + 1);
  return other.startsWith(rest, at + 1) || other.startsWith(typed.slice(at), at + 1)
    || other.startsWith(rest, at) || other.startsWith(rest[0] + typed[at] + rest.slice(1), at);
}

function forgiven(words) {
  const known = [...new Set(items.flatMap(item => item.letters.match(/[\p{L}\p{N}]+/gu) ?? []))];
  return words.map(({ long, forms }) => (
    { long, forms: long ? [...forms, ...known.filter(other => near(forms[0], other))] : forms }
  ));
}

const literal = text => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
function spansOf(text, words) {
  const { letters, places } = fold(text);
  const spans = words.flatMap(({ forms }) => {
    const beginning = new RegExp(`(?<![\\p{L}\\p{N}])(?:${forms.map(literal).join("|")})`, "gu");
    const hits = [...letters.matchAll(beginning)];
    return (hits.length ? hits : [...letters.matchAll(new RegExp(literal(forms[0]), "gu"))])
      .map(hit => [places[hit.index], places[hit.index + hit[0].length]]);
  });
  return spans.sort(([a], [b]) => a - b);
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const key in attributes) if (attributes[key]) made.setAttribute(key, attributes[key]);
  made.append(...children);
  return made;
}

function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (end <= at) continue;
    const from = Math.max(at, start);
    parts.push(text.slice(at, from), element("mark", {}, text.slice(from, end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

const language = text => /[әғқұһ]/i.test(text) ? "kk" : /[ңөү]/i.test(text) ? "ky" : /[а-я]/i.test(text) ? "ru" : "";
function shown(item, words) {
  const [title, ...about] = item.told;
  const told = about.filter(Boolean).join(" · ");
  const also = item.also.map(text => [text, spansOf(text, words)]).filter(([, spans]) => spans.length);
  return element(
    "li", {},
    element("a", { href: item.href }, ...marked(title, spansOf(title, words))),
    element("p", { class: "about" }, ...marked(told, spansOf(told, words))),
    ...also.map(([text, spans]) => element("p", { lang: language(text) }, ...marked(text, spans))),
  );
}

// Kinds share the room: what a kind with few hits leaves over, the next larger one gets.
function shares(groups) {
  let room = MOST;
  return new Map([...groups].sort(([, a], [, b]) => a.length - b.length).map(([kind, own], n, all) => {
    const share = Math.min(own.length, Math.floor(room / (all.length - n)));
    room -= share;
    return [kind, share];
  }));
}

function show() {
  const named = items.filter(({ id }) => id === box.value.trim().toLowerCase());
  let words = asked(box.value), hits = named.length ? named : words.length ? search(words) : [];
  const strict = hits.length > 0;
  if (words.length && !strict && words.some(({ long }) => long)) hits = search(words = forgiven(words));
  const groups = new Map();
  for (const item of hits) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  const room = shares(groups);
  list.replaceChildren(...[...groups].map(([kind, own]) => element(
    "section", {},
    element("h2", {}, kind, element("small", {}, ` ${room.get(kind) < own.length ? room.get(kind) + " of " : ""}${own.length}`)),
    element("ul", {}, ...own.slice(0, room.get(kind)).map(item => shown(item, words))),
  )));
  const more = hits.length - [...room.values()].reduce((sum, share) => sum + share, 0);
  hint.hidden = words.length > 0;
  count.textContent = !words.length ? "" : !hits.length ? "Nothing found."
    : (strict ? "" : "Nothing is written so. One letter otherwise: ") + `${hits.length} found`
      + (more ? `, ${hits.length - more} shown, and ${more} more: refine.` : ".");
}

function read() {
  box.value = new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
  show();
}

document.getElementById("search").hidden = false;
box.addEventListener("input", () => {
  show();
  history.replaceState(null, "", "#q=" + encodeURIComponent(box.value));
});
document.querySelector("main").addEventListener("keydown", event => {
  const links = [box, ...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    history.replaceState(null, "", "#q=");
    read();
    box.focus();
  } else if (event.key === "Enter" && at === 0) {
    links[1]?.click();
  } else if (step && at >= 0) {
    links[Math.max(0, at + step)]?.focus();
    event.preventDefault();
  }
});
addEventListener("hashchange", read);
read();
box.focus();
