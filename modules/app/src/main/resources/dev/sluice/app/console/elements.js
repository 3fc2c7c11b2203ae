// What the console's pages share: numbers as text, and elements. Everything is written as text, never
// as HTML, because ids come from requesters.

export const element = id => document.getElementById(id);

// ---------------------------------------------------------------- numbers as text

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value) {
  return whole.format(value);
}

export function usd(value) {
  if (value === 0) return '0 USD';
  if (Math.abs(value) < 0.01) return `${Number(value.toPrecision(3))} USD`;
  return `${value.toFixed(Math.abs(value) < 1 ? 4 : 2)} USD`;
}

export function seconds(value) {
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const all = Math.round(value);
  if (all < 60) return `${all} s`;
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes} min ${all % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function perSecond(value) {
  return `${value.toFixed(value < 9.95 ? 1 : 0)}/s`;
}

export function percent(part) {
  return `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;
}

// A time of today without its date.
export function clock(at) {
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  const date = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return `${isToday ? '' : `${date} `}${time.toLocaleTimeString('en-GB')}`;
}

// A time as in logs and commands, without its year.
export function utc(at) {
  return new Date(at).toISOString().slice(5, 19).replace('T', ' ');
}

// ---------------------------------------------------------------- elements

export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function drawn(tag, properties = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const shown = new WeakMap();

// Rebuilds an element's content only if what it shows has changed, so that a selection, the focus
// and a screen reader's place stay.
export function show(container, content, build) {
  const key = JSON.stringify(content);
  if (shown.get(container) === key) return;
  shown.set(container, key);
  container.replaceChildren(...build(content));
}

export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

// Gives a container as many children as there are items, and shows each item in its child.
export function each(container, items, build, fill) {
  while (container.children.length > items.length) container.lastElementChild.remove();
  while (container.children.length < items.length) container.append(build());
  items.forEach((item, i) => fill(container.children[i], item));
}

// A cell or a number: {text, value, level, at, badge, asks, label}. value is the exact number behind
// the text; asks is what its button asks for, and label what it is called.
export function showCell(target, cell) {
  show(target, cell, ({ text, value, level, at, badge, asks, label }) => {
    let made = text;
    if (value !== undefined) made = make('data', { value }, text);
    if (at !== undefined) made = make('time', { datetime: at }, text);
    if (asks !== undefined) {
      made = make('button',
        { type: 'button', 'data-asks': JSON.stringify(asks), ...(label ? { 'aria-label': label } : {}) },
        text);
    }
    if (badge) made = make('span', { class: 'state', 'data-level': level }, made);
    return [made];
  });
}

export function showTable(container, caption, columns, rows, none) {
  if (rows.length === 0) {
    show(container, [none], () => [make('p', { class: 'none' }, none)]);
    return;
  }
  if (!container.querySelector('tbody')) {
    shown.delete(container);
    const head = columns.map(({ name, kind }) => make('th', { scope: 'col', class: kind }, name));
    // Focusable, because on a narrow screen it can be scrolled by keyboard.
    container.replaceChildren(
      make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
        make('table', {},
          make('caption', {}, caption),
          make('thead', {}, make('tr', {}, ...head)),
          make('tbody'))));
  }
  const row = () => make('tr', {}, ...columns.map(({ kind }, i) =>
    (i === 0 ? make('th', { scope: 'row', class: kind }) : make('td', { class: kind }))));
  each(container.querySelector('tbody'), rows, row, (line, cells) =>
    cells.forEach((cell, i) => showCell(line.children[i], cell)));
}

// ---------------------------------------------------------------- access

// Where the token is kept while this tab is open.
export const TOKEN = 'sluice-token';

export function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

// Anything between this page and Sluice may answer, too.
export async function refusal(response) {
  const isText = response.headers.get('content-type')?.startsWith('text/plain');
  const text = isText ? (await response.text()).trim() : '';
  return text.slice(0, 1000) || `The answer was HTTP ${response.status}`;
}
