// Draws the state that /api/console sends every second. Everything is written as text, never as
// HTML, because ids come from requesters.

const SILENCE = 10_000; // ms without an event after which the connection counts as lost
const RATE_SPAN = 10_000; // ms over which the pipes' rates are computed
const LOST_PAUSE = 2_000; // ms until the next attempt
const POINTS = 180;

const WAITS = {
  RESERVATIONS: 'running jobs have reserved the money',
  BUDGET: "the day's budget is used up",
  RATE: 'too many requests in an hour',
  OUTCOME: 'an identical request is a job already',
  QUOTA: "no room in the provider's rate limit",
  MAX_CALLS: 'max-calls-per-second',
  THROTTLED: 'the provider asked to wait (429)',
  PAUSED: 'an operator has to fix something',
  BREAKER_OPEN: 'the circuit breaker is open',
  BACKOFF: 'the previous call failed',
};

const STATES = {
  'taking-calls': 'good',
  throttled: 'warn',
  probing: 'warn',
  failing: 'bad',
  paused: 'bad',
};

const element = id => document.getElementById(id);

// ---------------------------------------------------------------- numbers as text

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

function count(value) {
  return whole.format(value);
}

function usd(value) {
  if (value === 0) return '0 USD';
  if (Math.abs(value) < 0.01) return `${Number(value.toPrecision(3))} USD`;
  return `${value.toFixed(Math.abs(value) < 1 ? 4 : 2)} USD`;
}

function seconds(value) {
  if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  if (value < 3_600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3_600)} h ${Math.round((value % 3_600) / 60)} min`;
}

function perSecond(value) {
  return `${value.toFixed(value < 10 ? 1 : 0)}/s`;
}

function percent(part) {
  return `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;
}

// ---------------------------------------------------------------- meters

// The meters of an event: sums and lists by name and labels.
class Meters {
  constructor(meters) {
    this.meters = meters;
  }

  list(name, labels = {}) {
    const wanted = Object.entries(labels);
    return this.meters[name].filter(meter =>
      wanted.every(([label, value]) =>
        typeof value === 'function' ? value(meter[label]) : meter[label] === value));
  }

  has(name) {
    return this.meters[name].length > 0;
  }

  sum(name, labels, field = 'value') {
    return this.list(name, labels).reduce((sum, meter) => sum + meter[field], 0);
  }

  most(name, labels) {
    return Math.max(0, ...this.list(name, labels).map(meter => meter.value));
  }

  meanSeconds(name, labels) {
    const times = this.sum(name, labels, 'count');
    return times === 0 ? null : this.sum(name, labels, 'seconds') / times;
  }
}

// ---------------------------------------------------------------- elements

function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function drawn(tag, properties = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const shown = new WeakMap();

// Rebuilds an element's content only if what it shows has changed, so that a selection, the focus
// and a screen reader's place stay.
function show(container, content, build) {
  const key = JSON.stringify(content);
  if (shown.get(container) === key) return;
  shown.set(container, key);
  container.replaceChildren(...build(content));
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

// A cell or a number: {text, value, level, at}. value is the exact number behind the text.
function inline({ text, value, level, at, badge }) {
  let made = text;
  if (value !== undefined) made = make('data', { value }, text);
  if (at !== undefined) made = make('time', { datetime: at }, text);
  if (badge) made = make('span', { class: 'state', 'data-level': level }, made);
  return made;
}

function table(container, caption, columns, rows, none) {
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
  show(container.querySelector('tbody'), rows, () =>
    rows.map(row => make('tr', {}, ...row.map((cell, i) =>
      i === 0
        ? make('th', { scope: 'row', class: columns[i].kind }, inline(cell))
        : make('td', { class: columns[i].kind }, inline(cell))))));
}

// ---------------------------------------------------------------- the flow

const STAGES = ['Admission', 'Worker', 'Provider', 'Outcomes'];

function pipe() {
  const path = 'M0 16H72';
  return make('div', { class: 'pipe', 'aria-hidden': 'true' },
    drawn('svg', { viewBox: '0 0 72 32', preserveAspectRatio: 'none' },
      drawn('path', { d: path, 'stroke-width': 10 }),
      drawn('path', { d: path, 'stroke-width': 2, class: 'water' })),
    make('span'));
}

function buildStages() {
  return STAGES.map((name, i) => make('li', { id: `stage-${name.toLowerCase()}` },
    make('h3', {}, name),
    make('p', { class: 'big' }),
    make('p', { class: 'what' }),
    make('dl'),
    make('dl', { class: 'money' }),
    ...(i < STAGES.length - 1 ? [pipe()] : [])));
}

function drawPipe(stage, rate) {
  const drawing = stage.querySelector('.pipe');
  setText(drawing.querySelector('span'), perSecond(rate));
  drawing.classList.toggle('runs', rate > 0);
  const width = Math.min(9, 2 + 2 * Math.log10(1 + rate * 10));
  drawing.querySelector('.water').setAttribute('stroke-width', width.toFixed(1));
}

function drawStage(name, { big, what, numbers, money, here, rate }) {
  const stage = element(`stage-${name}`);
  stage.classList.toggle('elsewhere', !here);
  const rows = list => list.flatMap(({ label, ...number }) => [
    make('dt', { 'data-level': number.level }, label),
    make('dd', { 'data-level': number.level }, inline(number))]);
  show(stage.querySelector('.big'), here ? big : { text: '–' }, content => [inline(content)]);
  setText(stage.querySelector('.what'), here ? what : 'runs in another process');
  const [counts, amounts] = stage.querySelectorAll('dl');
  show(counts, here ? numbers : [], rows);
  show(amounts, here ? money : [], rows);
  counts.hidden = amounts.hidden = !here;
  if (rate !== undefined) drawPipe(stage, rate);
}

function counted(label, value, level) {
  return { label, text: count(value), value, level: value > 0 ? level : undefined };
}

function timed(label, value) {
  return { label, text: value === null ? '–' : seconds(value) };
}

function paid(label, value) {
  return { label, text: usd(value), value };
}

function drawFlow(meters, roles, rates) {
  const worker = roles.includes('worker');
  const stageTime = stage => meters.meanSeconds('sluice.stage.duration', { stage });
  const admitted = meters.sum('sluice.admission.admitted');
  drawStage('admission', {
    here: roles.includes('admission'),
    big: { text: count(admitted), value: admitted },
    what: 'jobs admitted',
    numbers: [
      counted('Waiting now',
        meters.sum('sluice.admission.waiting') + meters.sum('sluice.admission.pending'), 'warn'),
      counted('Answered by sharing', meters.sum('sluice.admission.shared')),
      counted('Duplicates skipped', meters.sum('sluice.admission.duplicates')),
      timed('Mean time here', stageTime('admission')),
    ],
    money: [
      paid('Reserved', meters.sum('sluice.reserved.usd')),
      paid('Given back', meters.sum('sluice.refunded.usd')),
    ],
    rate: rates.admitted,
  });
  const running = meters.sum('sluice.worker.in.flight');
  drawStage('worker', {
    here: worker,
    big: { text: count(running), value: running },
    what: 'jobs running now',
    numbers: [
      counted('Waiting for a call', meters.sum('sluice.waiting'), 'warn'),
      counted('Rejected by brokers', meters.sum('sluice.worker.rejected'), 'bad'),
      timed('Oldest not started', meters.most('sluice.worker.lag.seconds')),
      timed('Oldest running', meters.most('sluice.worker.oldest.job.seconds')),
      timed('Mean time to start', stageTime('queue')),
    ],
    money: [],
    rate: rates.calls,
  });
  const calls = meters.sum('sluice.calls');
  const throttled = meters.sum('sluice.calls', { status: 'THROTTLED' });
  const answered = meters.sum('sluice.calls', { status: 'ANSWERED' });
  drawStage('provider', {
    here: worker,
    big: { text: count(calls), value: calls },
    what: 'calls',
    numbers: [
      counted('Throttled', throttled, 'warn'),
      counted('Failed', calls - answered - throttled, 'bad'),
      counted('Input tokens', meters.sum('sluice.tokens', { kind: 'input' })),
      counted('Output tokens', meters.sum('sluice.tokens', { kind: 'output' })),
      timed('Mean time here', stageTime('work')),
    ],
    money: [
      paid('Spent', meters.sum('sluice.spend.usd')),
      paid('Of it wasted', meters.sum('sluice.waste.usd')),
    ],
    rate: rates.outcomes,
  });
  const results = meters.sum('sluice.outcomes', { kind: 'RESULT' });
  const valid = meters.sum('sluice.answers', { validity: value => value !== 'invalid' });
  const letters = kind => meters.sum('sluice.outcomes', { kind });
  drawStage('outcomes', {
    here: true,
    big: { text: count(results), value: results },
    what: 'results',
    numbers: [
      counted('Dead letters: refused', letters('REFUSED'), 'warn'),
      counted('Dead letters: failed', letters('FAILED'), 'bad'),
      counted('Dead letters: poison', letters('POISON'), 'bad'),
      counted('Repaired answers', meters.sum('sluice.answers', { validity: 'repaired' }), 'warn'),
      timed('Mean time to publish', stageTime('publish')),
    ],
    money: [
      { label: 'Cost of a result',
        text: valid === 0 ? '–' : usd(meters.sum('sluice.spend.usd') / valid) },
      paid('Saved by sharing', meters.sum('sluice.shared.saved.usd')),
    ],
  });
}

const totals = [];

// Rates over the last seconds: how much each total grew.
function ratesOf(meters) {
  const now = {
    at: performance.now(),
    admitted: meters.sum('sluice.admission.admitted'),
    calls: meters.sum('sluice.calls'),
    outcomes: meters.sum('sluice.outcomes'),
  };
  totals.push(now);
  while (now.at - totals[0].at > RATE_SPAN) totals.shift();
  const { at, ...before } = totals[0];
  const time = Math.max(1, (now.at - at) / 1_000);
  return Object.fromEntries(
    Object.keys(before).map(name => [name, (now[name] - before[name]) / time]));
}

// ---------------------------------------------------------------- charts

const CHARTS = [
  { title: 'Outcomes', text: perSecond, lines: [['results', 'results'], ['deadLetters', 'dead letters']], colors: [0, 1] },
  { title: 'Time to outcome', text: seconds, lines: [['p50', 'median'], ['p95', '95th percentile']], colors: [0, 2] },
  { title: 'Spend', text: value => `${usd(value)}/min`, lines: [['usd', 'spend']], colors: [0] },
];

function lineOf(points, field, top) {
  let line = '';
  let isDrawing = false;
  points.forEach((point, i) => {
    if (point[field] === null) {
      isDrawing = false;
      return;
    }
    const x = POINTS - points.length + i;
    const y = 98 - (point[field] / top) * 94;
    line += `${isDrawing ? 'L' : 'M'}${x} ${y.toFixed(1)}`;
    // A point alone is a short line.
    if (!isDrawing) line += `h.5`;
    isDrawing = true;
  });
  return line;
}

function drawChart({ title, text, lines, colors }, points) {
  const values = lines.flatMap(([field]) => points.map(point => point[field]));
  const top = Math.max(...values, 0) || 1;
  const nowText = field => {
    const last = points.length > 0 ? points.at(-1)[field] : null;
    return last === null ? '–' : text(last);
  };
  const label = lines
    .map(([field, name]) => `${name} now ${nowText(field)}`)
    .join(', ');
  return make('figure', {},
    make('figcaption', {},
      make('span', {}, title),
      make('span', { class: 'key' }, `highest ${text(Math.max(...values, 0))}`)),
    drawn('svg', {
      viewBox: `0 0 ${POINTS} 100`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': `${title} in the last 15 minutes: ${label}` },
    ...lines.map(([field], i) =>
      drawn('path', { class: `line-${colors[i]}`, d: lineOf(points, field, top) }))),
    make('p', { class: 'key' }, ...lines.flatMap(([field, name], i) => [
      make('i', { class: `line-${colors[i]}` }), `${name} `, make('b', {}, nowText(field)), ' '])));
}

// ---------------------------------------------------------------- limits, waits, deployments

function drawLimits(meters) {
  const limits = meters.list('sluice.ceiling.usd').map(({ ceiling, value }) => ({
    ceiling,
    limit: value,
    consumed: meters.sum('sluice.ceiling.booked.usd', { ceiling, kind: 'consumed' }),
    reserved: meters.sum('sluice.ceiling.booked.usd', { ceiling, kind: 'reserved' }),
  }));
  show(element('limits'), limits, () => limits.length === 0
    ? [make('p', { class: 'none' },
      'This process knows no limit for all users together. '
        + 'budgets.all-users-daily-usd sets one, in the configuration of admission.')]
    : limits.map(limitBar));
}

function limitBar({ ceiling, limit, consumed, reserved }) {
  const name = ceiling === 'all' ? 'All analyses' : ceiling;
  const used = Math.min(100, (consumed / limit) * 100);
  const held = Math.min(100 - used, (reserved / limit) * 100);
  const text = `${usd(consumed)} spent and ${usd(reserved)} reserved of ${usd(limit)}`;
  return make('div', {
    class: 'meter', role: 'meter', 'aria-label': name, 'aria-valuemin': 0,
    'aria-valuemax': limit, 'aria-valuenow': Math.min(limit, consumed + reserved),
    'aria-valuetext': text },
  make('div', { class: 'label' }, make('b', {}, name), make('span', {}, text)),
  drawn('svg', { viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    drawn('rect', { class: 'consumed', width: used, height: 4 }),
    drawn('rect', { class: 'reserved', x: used, width: held, height: 4 })));
}

function drawWaits(meters) {
  const requests = meters.list('sluice.admission.waiting').map(({ reason, value }) => ({
    reason, where: 'admission', now: value,
    oldest: meters.sum('sluice.admission.waiting.oldest.seconds', { reason }),
    time: 0 }));
  const registry = meters.sum('sluice.admission.pending');
  if (registry > 0) {
    requests.push({
      reason: 'the schema registry does not answer', where: 'admission', now: registry,
      oldest: null, time: 0 });
  }
  const paused = meters.list('sluice.worker.intake.paused', { reason: value => value })
    .filter(({ value }) => value === 1)
    .map(({ model, priority, reason }) => ({
      reason: `${model} starts no ${priority.toLowerCase()} job: ${reason}`, where: 'worker',
      now: null, oldest: meters.most('sluice.worker.lag.seconds', { model, priority }),
      time: 0 }));
  const calls = meters.list('sluice.waits').map(({ model, reason, seconds: time }) =>
    ({ reason, where: model, now: null, oldest: null, time }));
  const rows = [...paused, ...requests.filter(({ now }) => now > 0), ...calls]
    .sort((a, b) => (b.now ?? 0) - (a.now ?? 0) || b.time - a.time)
    .slice(0, 10)
    .map(({ reason, where, now, oldest, time }) => [
      { text: WAITS[reason] ? `${reason}: ${WAITS[reason]}` : reason },
      { text: where },
      now === null ? { text: '–' } : { text: count(now), value: now },
      { text: oldest === null ? '–' : seconds(oldest) },
      { text: time === 0 ? '–' : seconds(time) },
    ]);
  table(element('waits'), 'Waits by reason', [
    { name: 'Reason', kind: 'wraps' }, { name: 'Where' }, { name: 'Waiting now', kind: 'number' },
    { name: 'Oldest', kind: 'number' }, { name: 'Time waited so far', kind: 'number' },
  ], rows, 'Nothing has waited.');
}

function drawDeployments(meters) {
  const rows = meters.list('sluice.deployment.state', { state: 'taking-calls' })
    .map(({ model, deployment }) => {
      const labels = { model, deployment };
      const { state } = meters.list('sluice.deployment.state', labels)
        .find(({ value }) => value === 1) ?? { state: 'unknown' };
      const failing = meters.list('sluice.deployment.failure.rate', labels);
      const limits = meters.list('sluice.provider.limit', labels).map(({ kind, value }) =>
        `${count(meters.sum('sluice.provider.remaining', { ...labels, kind }))}`
          + ` of ${count(value)} ${kind} left`);
      const allowed = meters.list('sluice.quota.allowed', labels)
        .map(({ kind, value }) => `${count(value)} ${kind}`);
      return [
        { text: model },
        { text: deployment },
        { text: state, level: STATES[state] ?? 'unknown', badge: true },
        { text: failing.length === 0 ? '–' : percent(failing[0].value) },
        { text: count(meters.sum('sluice.waiting', labels)) },
        { text: limits.join(', ') || 'the provider states none' },
        { text: allowed.join(', ') || 'no limit' },
      ];
    });
  table(element('deployments'), 'State and rate limits of each deployment', [
    { name: 'Model' }, { name: 'Deployment' }, { name: 'State' },
    { name: 'Calls failing', kind: 'number' }, { name: 'Jobs waiting', kind: 'number' },
    { name: "Provider's rate limit", kind: 'wraps' },
    { name: 'Allowed here a minute', kind: 'wraps' },
  ], rows, 'This process calls no models.');
}

function drawModels(meters) {
  const pairs = new Map(meters.list('sluice.spend.usd')
    .map(({ analysis, model }) => [`${analysis} ${model}`, { analysis, model }]));
  const rows = [...pairs.values()].map(labels => {
    const spent = meters.sum('sluice.spend.usd', labels);
    const unconfirmed = meters.sum('sluice.spend.usd', { ...labels, certainty: 'unconfirmed' });
    const wasted = meters.sum('sluice.waste.usd', labels);
    const tokens = kind => meters.sum('sluice.tokens', { ...labels, kind });
    return [
      { text: labels.analysis },
      { text: labels.model },
      { text: usd(spent), value: spent },
      { text: usd(unconfirmed), value: unconfirmed },
      { text: usd(wasted), value: wasted },
      { text: count(tokens('input')), value: tokens('input') },
      { text: count(tokens('output')), value: tokens('output') },
    ];
  });
  table(element('models'), 'Cost of calls since the start of this process', [
    { name: 'Analysis' }, { name: 'Model' }, { name: 'Spent', kind: 'number' },
    { name: 'Unconfirmed', kind: 'number' }, { name: 'Wasted', kind: 'number' },
    { name: 'Input tokens', kind: 'number' }, { name: 'Output tokens', kind: 'number' },
  ], rows, 'No call has been made.');
}

function drawLetters({ deadLetters: letters, idsHidden }) {
  element('access').hidden = !idsHidden;
  if (idsHidden) askForToken(idsHidden.tokenHelps, `Ids are users' data: ${idsHidden.why}.`);
  const rows = letters.slice(0, 20).map(letter => [
    { text: new Date(letter.at).toLocaleTimeString('en-GB'), at: letter.at },
    { text: letter.reason },
    { text: letter.kind, level: letter.kind === 'REFUSED' ? 'warn' : 'bad', badge: true },
    { text: letter.requestId || '–' },
    { text: letter.userId || '–' },
    { text: letter.analysis },
    { text: letter.stage.toLowerCase() },
  ]);
  table(element('letters'), 'Dead letters of this process, the newest first', [
    { name: 'Time' }, { name: 'Reason' }, { name: 'Kind' }, { name: 'Request', kind: 'id' },
    { name: 'User', kind: 'id' }, { name: 'Analysis' }, { name: 'Ended in' },
  ], rows, 'None since the start of this process.');
}

// ---------------------------------------------------------------- health

function setStatus(level, text) {
  const status = element('status');
  status.dataset.level = level;
  setText(status, text);
  document.title = level === 'good' ? 'Sluice console' : `${text} – Sluice console`;
}

function drawHealth({ notLive, notReady }) {
  const dead = Object.entries(notLive);
  const problems = [...dead, ...Object.entries(notReady)];
  element('problems').hidden = problems.length === 0;
  show(element('problem-list'), problems, () =>
    problems.map(([part, why]) => make('li', {}, make('b', {}, part), ` ${why}`)));
  if (dead.length > 0) setStatus('bad', 'Needs a restart');
  else if (problems.length > 0) setStatus('warn', 'Not ready');
  else setStatus('good', 'Ready');
}

function draw(event) {
  const meters = new Meters(event.meters);
  element('state').hidden = false;
  if (!element('stages').hasChildNodes()) element('stages').append(...buildStages());
  setText(element('instance'), `${event.roles.join(' and ')} at ${location.host}`);
  drawHealth(event);
  drawFlow(meters, event.roles, ratesOf(meters));
  if (event.history) {
    element('charts').replaceChildren(...CHARTS.map(chart => drawChart(chart, event.history)));
  }
  drawLimits(meters);
  drawWaits(meters);
  drawDeployments(meters);
  drawModels(meters);
  drawLetters(event);
}

// ---------------------------------------------------------------- connection

const TOKEN = 'sluice-token';

let isWrong = false; // whether the last token was not the right one

function askForToken(tokenHelps, why) {
  element('access').hidden = false;
  setText(element('access-why'), isWrong ? `This token is not the right one. ${why}` : why);
  element('access-token').hidden = !tokenHelps;
}

let wakeUp = () => {};
let leave = () => {};

// Begins a connection with the token that was given now.
function reconnect() {
  leave();
  wakeUp();
}

element('access').addEventListener('submit', submitted => {
  submitted.preventDefault();
  sessionStorage.setItem(TOKEN, element('token').value);
  element('token').value = '';
  reconnect();
});

// Ends early when a token is given.
function pause(time) {
  return new Promise(resolve => {
    wakeUp = resolve;
    setTimeout(resolve, time);
  });
}

// Reads events until the connection ends or falls silent.
async function read(response, silence) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    silence.restart();
    text += value;
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) draw(JSON.parse(event.slice('data: '.length)));
  }
}

function watch(controller) {
  let timer;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(), SILENCE);
  };
  restart();
  return { restart, stop: () => clearTimeout(timer) };
}

// Shows events until the connection ends. Returns how long to wait before the next attempt.
async function connect() {
  const controller = new AbortController();
  const silence = watch(controller);
  let isLeft = false;
  leave = () => {
    isLeft = true;
    controller.abort();
  };
  try {
    const token = sessionStorage.getItem(TOKEN);
    const response = await fetch('/api/console', {
      cache: 'no-store',
      signal: controller.signal,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
    });
    if (response.status === 401) {
      sessionStorage.removeItem(TOKEN);
      isWrong = true;
      return 0;
    }
    if (!response.ok) {
      setStatus('bad', (await response.text()).trim());
      return LOST_PAUSE;
    }
    if (token) isWrong = false;
    await read(response, silence);
  } catch (cause) {
    if (isLeft) return 0;
    console.info('the connection was lost', cause);
  } finally {
    silence.stop();
  }
  setStatus('bad', 'Connection lost, trying again');
  return LOST_PAUSE;
}

for (;;) await pause(await connect());
