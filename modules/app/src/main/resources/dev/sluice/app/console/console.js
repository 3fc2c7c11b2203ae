// Draws the state that /api/console sends every second.

import {
  TOKEN,
  clock,
  count,
  drawn,
  each,
  element,
  make,
  perSecond,
  percent,
  refusal,
  seconds,
  setText,
  show,
  showCell,
  showTable,
  usd,
} from '/console/elements.js';

const SILENCE = 10_000; // ms without an event after which the connection counts as lost
const RETRY = 2_000; // ms until the next attempt
const RATE_SPAN = 10_000; // ms over which the pipes' rates are computed
const RECENT = 60_000; // ms; what happened within is recent
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

// ---------------------------------------------------------------- meters

// The meters of an event: sums and lists by name and labels.
class Meters {
  constructor(meters) {
    this.meters = meters;
    this.at = performance.now();
  }

  list(name, labels = {}) {
    const wanted = Object.entries(labels);
    return this.meters[name].filter(meter =>
      wanted.every(([label, value]) =>
        typeof value === 'function' ? value(meter[label]) : meter[label] === value));
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

// The meters of the last minute. Counters only grow while the process lives, so their growth says
// what happened lately.
class Lately {
  constructor() {
    this.events = [];
  }

  add(meters) {
    this.events.push(meters);
    while (meters.at - this.events[0].at > RECENT) this.events.shift();
  }

  growth(name, labels, field, span = RECENT) {
    const now = this.events.at(-1);
    const then = this.events.find(({ at }) => now.at - at <= span);
    return {
      amount: now.sum(name, labels, field) - then.sum(name, labels, field),
      time: Math.max(1, (now.at - then.at) / 1_000),
    };
  }

  has(name, labels, field) {
    return this.growth(name, labels, field).amount > 0;
  }

  rate(name, labels, field) {
    const { amount, time } = this.growth(name, labels, field, RATE_SPAN);
    return amount / time;
  }
}

let lately = new Lately();

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
    make('dl', { class: 'counts' }),
    make('dl', { class: 'money' }),
    ...(i < STAGES.length - 1 ? [pipe()] : [])));
}

// rate is null if another process has the stage.
function drawPipe(stage, rate) {
  const drawing = stage.querySelector('.pipe');
  setText(drawing.querySelector('span'), rate === null ? '' : perSecond(rate));
  drawing.classList.toggle('runs', rate > 0);
  const width = Math.min(9, 2 + 2 * Math.log10(1 + Math.max(0, rate) * 10));
  drawing.querySelector('.water').setAttribute('stroke-width', width.toFixed(1));
}

function showNumbers(list, numbers) {
  each(list, numbers, () => make('div', {}, make('dt'), make('dd')), (pair, { label, ...number }) => {
    const [name, cell] = pair.children;
    setText(name, label);
    pair.dataset.level = number.level ?? 'none';
    showCell(cell, number);
  });
}

function drawStage(name, { big, what, numbers, money, here, rate }) {
  const stage = element(`stage-${name}`);
  stage.classList.toggle('elsewhere', !here);
  showCell(stage.querySelector('.big'), here ? big : { text: '–' });
  setText(stage.querySelector('.what'), here ? what : 'runs in another process');
  showNumbers(stage.querySelector('.counts'), here ? numbers : []);
  showNumbers(stage.querySelector('.money'), here ? money : []);
  if (rate !== undefined) drawPipe(stage, here ? rate : null);
}

// level applies while isBad.
function counted(label, value, level, isBad = value > 0) {
  return { label, text: count(value), value, level: isBad ? level : undefined };
}

function timed(label, value) {
  return { label, text: value === null ? '–' : seconds(value) };
}

function paid(label, value) {
  return { label, text: usd(value), value };
}

function drawAdmission(meters, roles) {
  const admitted = meters.sum('sluice.admission.admitted');
  const waiting = meters.sum('sluice.admission.waiting');
  const sharing = meters.sum('sluice.admission.waiting', { reason: 'OUTCOME' });
  const both = roles.includes('worker');
  drawStage('admission', {
    here: roles.includes('admission'),
    big: { text: count(admitted), value: admitted },
    what: 'jobs admitted',
    numbers: [
      counted('Requests waiting', waiting, 'warn', waiting > sharing),
      counted('Answered by sharing', meters.sum('sluice.admission.shared')),
      counted('Duplicates skipped', meters.sum('sluice.admission.duplicates')),
      // The worker measures it, when it publishes the outcome.
      ...(both
        ? [timed('Mean time here', meters.meanSeconds('sluice.stage.duration', { stage: 'admission' }))]
        : []),
    ],
    money: [
      paid('Reserved so far', meters.sum('sluice.reserved.usd')),
      paid('Given back so far', meters.sum('sluice.refunded.usd')),
    ],
    rate: lately.rate('sluice.admission.admitted'),
  });
}

function drawWorker(meters, here) {
  const running = meters.sum('sluice.worker.in.flight');
  drawStage('worker', {
    here,
    big: { text: count(running), value: running },
    what: 'jobs running now',
    numbers: [
      counted('Waiting for a call', meters.sum('sluice.waiting'), 'warn'),
      counted('Rejected by brokers', meters.sum('sluice.worker.rejected'), 'bad'),
      timed('Oldest not started', meters.most('sluice.worker.lag.seconds')),
      timed('Oldest running', meters.most('sluice.worker.oldest.job.seconds')),
      timed('Mean time to start', meters.meanSeconds('sluice.stage.duration', { stage: 'queue' })),
      timed('Mean time of a job', meters.meanSeconds('sluice.stage.duration', { stage: 'work' })),
    ],
    money: [],
    rate: lately.rate('sluice.calls'),
  });
}

function drawProvider(meters, here) {
  const calls = meters.sum('sluice.calls');
  const by = status => meters.sum('sluice.calls', { status });
  const throttled = by('THROTTLED');
  const declined = by('REFUSED');
  const isFailure = status => !['ANSWERED', 'THROTTLED', 'REFUSED'].includes(status);
  drawStage('provider', {
    here,
    big: { text: count(calls), value: calls },
    what: 'calls',
    numbers: [
      counted('Throttled', throttled, 'warn', lately.has('sluice.calls', { status: 'THROTTLED' })),
      counted('Declined by the model', declined),
      counted('Failed', by(isFailure), 'bad', lately.has('sluice.calls', { status: isFailure })),
      counted('Input tokens', meters.sum('sluice.tokens', { kind: 'input' })),
      counted('Output tokens', meters.sum('sluice.tokens', { kind: 'output' })),
      timed('Mean time of a call', meters.meanSeconds('gen_ai.client.operation.duration')),
    ],
    money: [
      paid('Spent', meters.sum('sluice.spend.usd')),
      paid('Of it wasted', meters.sum('sluice.waste.usd')),
    ],
    // Only requests that became jobs have this time: shared and refused ones see no provider.
    rate: lately.rate('sluice.outcome.duration', {}, 'count'),
  });
}

function drawOutcomes(meters) {
  const results = meters.sum('sluice.outcomes', { kind: 'RESULT' });
  const valid = meters.sum('sluice.answers', { validity: value => value !== 'invalid' });
  const letters = (kind, level) => counted(
    `Dead letters: ${kind.toLowerCase()}`, meters.sum('sluice.outcomes', { kind }), level,
    lately.has('sluice.outcomes', { kind }));
  drawStage('outcomes', {
    here: true,
    big: { text: count(results), value: results },
    what: 'results',
    numbers: [
      letters('REFUSED', 'warn'),
      letters('FAILED', 'bad'),
      letters('POISON', 'bad'),
      counted('Repaired answers', meters.sum('sluice.answers', { validity: 'repaired' }), 'warn',
        lately.has('sluice.answers', { validity: 'repaired' })),
      timed('Mean time to publish',
        meters.meanSeconds('sluice.stage.duration', { stage: 'publish' })),
    ],
    money: [
      { label: 'Per paid result',
        text: valid === 0 ? '–' : usd(meters.sum('sluice.spend.usd') / valid) },
      paid('Saved by sharing', meters.sum('sluice.shared.saved.usd')),
    ],
  });
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
  show(element('limits'), limits, () => (limits.length === 0
    ? [make('p', { class: 'none' },
      'This process knows no limit for all users together. '
        + 'budgets.all-users-daily-usd sets one, in the configuration of admission.')]
    : limits.map(limitBar)));
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

// What stands still now, the most first.
function waitsNow(meters) {
  const paused = meters.list('sluice.worker.intake.paused')
    .filter(({ value }) => value === 1)
    .map(({ model, priority, reason }) => ({
      reason: `no ${priority.toLowerCase()} job starts: ${reason === 'WINDOW'
        ? "a partition's window is full" : 'as many run as may'}`,
      where: model, now: null,
      oldest: meters.most('sluice.worker.lag.seconds', { model, priority }) }));
  const registry = meters.sum('sluice.admission.pending');
  const pending = registry === 0 ? [] : [{
    reason: 'the schema registry does not answer', where: 'admission', now: registry,
    oldest: null }];
  const requests = meters.list('sluice.admission.waiting')
    .filter(({ value }) => value > 0)
    .map(({ reason, value }) => ({
      reason: `${reason}: ${WAITS[reason] ?? ''}`, where: 'admission', now: value,
      oldest: meters.sum('sluice.admission.waiting.oldest.seconds', { reason }) }));
  const calls = meters.list('sluice.waiting')
    .filter(({ value }) => value > 0)
    .map(({ model, deployment, value }) => ({
      reason: reasonOf(stateOf(meters, { model, deployment })),
      where: `${model} at ${deployment}`, now: value, oldest: null }));
  return [...paused, ...pending, ...[...requests, ...calls].sort((a, b) => b.now - a.now)];
}

function reasonOf(state) {
  return state === 'taking-calls'
    ? 'jobs wait for their turn, or for room in the rate limit'
    : `jobs wait for a call: the deployment is ${state}`;
}

// Why calls were waited for in the last minute. A wait counts when it ends.
function waitsLately(meters) {
  return meters.list('sluice.waits')
    .map(({ model, reason }) => ({
      reason: `${reason}: ${WAITS[reason] ?? ''}`, where: model,
      time: lately.growth('sluice.waits', { model, reason }, 'seconds').amount }))
    .filter(({ time }) => time > 0)
    .sort((a, b) => b.time - a.time)
    .slice(0, 8);
}

function drawWaits(meters) {
  showTable(element('waits'), 'What waits now', [
    { name: 'Reason', kind: 'wraps' }, { name: 'Where' }, { name: 'How many', kind: 'number' },
    { name: 'Oldest', kind: 'number' },
  ], waitsNow(meters).map(({ reason, where, now, oldest }) => [
    { text: reason },
    { text: where },
    now === null ? { text: '–' } : { text: count(now), value: now },
    { text: oldest === null ? '–' : seconds(oldest) },
  ]), 'Nothing waits now.');
  showTable(element('waited'), 'Why jobs waited before calls in the last minute', [
    { name: 'Reason', kind: 'wraps' }, { name: 'Model' },
    { name: 'Time of all jobs', kind: 'number' },
  ], waitsLately(meters).map(({ reason, where, time }) =>
    [{ text: reason }, { text: where }, { text: seconds(time) }]),
  'No job waited before a call in the last minute.');
}

function stateOf(meters, labels) {
  return meters.list('sluice.deployment.state', labels).find(({ value }) => value === 1)?.state
    ?? 'unknown';
}

function drawDeployments(meters) {
  const rows = meters.list('sluice.deployment.state', { state: 'taking-calls' })
    .map(({ model, deployment }) => {
      const labels = { model, deployment };
      const state = stateOf(meters, labels);
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
  showTable(element('deployments'), 'State and rate limits of each deployment', [
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
  showTable(element('models'), 'Cost of calls since the start of this process', [
    { name: 'Analysis' }, { name: 'Model' }, { name: 'Spent', kind: 'number' },
    { name: 'Unconfirmed', kind: 'number' }, { name: 'Wasted', kind: 'number' },
    { name: 'Input tokens', kind: 'number' }, { name: 'Output tokens', kind: 'number' },
  ], rows, 'No call has been made.');
}

function drawLetters({ deadLetters, idsHidden }) {
  element('access').hidden = !idsHidden;
  if (idsHidden) {
    const why = `Ids are users' data: ${idsHidden.why}.`;
    setText(element('access-why'), isWrong ? `This token is not the right one. ${why}` : why);
    element('access-token').hidden = !idsHidden.tokenHelps;
  }
  const rows = deadLetters.map(letter => [
    { text: clock(letter.at), at: letter.at },
    { text: letter.reason },
    { text: letter.kind, level: letter.kind === 'REFUSED' ? 'warn' : 'bad', badge: true },
    { text: letter.requestId || '–' },
    { text: letter.userId || '–' },
    { text: letter.analysis },
    { text: letter.stage.toLowerCase() },
  ]);
  showTable(element('letters'), 'The newest 20 dead letters of this process', [
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

function listParts(list, parts) {
  element(list).parentElement.hidden = parts.length === 0;
  show(element(list), parts, () =>
    parts.map(([part, why]) => make('li', {}, make('b', {}, part), ` ${why}`)));
}

function drawHealth({ notLive, notReady, notes }) {
  const dead = Object.entries(notLive);
  const problems = [...dead, ...Object.entries(notReady)];
  listParts('problem-list', problems);
  listParts('note-list', Object.entries(notes));
  if (dead.length > 0) setStatus('bad', 'Needs a restart');
  else if (problems.length > 0) setStatus('warn', 'Not ready');
  else setStatus('good', 'Ready');
}

function draw(event) {
  const meters = new Meters(event.meters);
  lately.add(meters);
  element('state').hidden = false;
  element('state').classList.remove('stale');
  if (!element('stages').hasChildNodes()) element('stages').append(...buildStages());
  setText(element('instance'),
    `${event.roles.join(' and ')} on ${event.host}, since ${clock(event.startedAt)}`);
  drawHealth(event);
  drawAdmission(meters, event.roles);
  drawWorker(meters, event.roles.includes('worker'));
  drawProvider(meters, event.roles.includes('worker'));
  drawOutcomes(meters);
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

let isWrong = false; // whether the last token was not the right one
let wakeUp = () => {};
let leave = () => {};

element('access').addEventListener('submit', submitted => {
  submitted.preventDefault();
  const token = element('token').value.trim();
  element('token').value = '';
  // A header can have nothing else, and no token of a configuration does.
  isWrong = !/^[!-~]+$/.test(token);
  if (!isWrong) sessionStorage.setItem(TOKEN, token);
  // Connect with it now.
  leave();
  wakeUp();
});

// A page that nobody sees takes no events.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) leave();
  else wakeUp();
});

function pause(time) {
  return new Promise(resolve => {
    wakeUp = resolve;
    if (!document.hidden) setTimeout(resolve, time);
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
    for (const event of events) tryDrawing(JSON.parse(event.slice('data: '.length)));
  }
}

function tryDrawing(event) {
  try {
    draw(event);
  } catch (bug) {
    console.error('the console cannot draw what it got', bug);
    setStatus('bad', `The console has a bug: ${bug.message}`);
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

function lost(why) {
  element('state').classList.add('stale');
  setStatus('bad', `${why}, trying again`);
  return RETRY;
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
  lately = new Lately();
  try {
    const token = sessionStorage.getItem(TOKEN);
    const response = await fetch('/api/console', {
      cache: 'no-store',
      signal: controller.signal,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
    });
    if (response.status === 401 && token) {
      if (sessionStorage.getItem(TOKEN) === token) sessionStorage.removeItem(TOKEN);
      isWrong = true;
      return 0;
    }
    if (!response.ok) return lost(await refusal(response));
    if (token) isWrong = false;
    await read(response, silence);
  } catch (cause) {
    if (isLeft) return 0;
    console.info('the connection was lost', cause);
  } finally {
    silence.stop();
  }
  return lost(`Connection lost at ${new Date().toLocaleTimeString('en-GB')}`);
}

for (;;) await pause(await connect());
