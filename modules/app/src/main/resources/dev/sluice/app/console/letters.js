// Shows dead letters by group, one by one and whole; redrives and discards them.

import {
  authorization, clock, count, element, make, refusal, setText, showTable, TOKEN, usd,
} from '/console/elements.js';

const API = '/api/dead-letters';

const REASONS = [
  'UNDECODABLE', 'INVALID_REQUEST', 'UNKNOWN_ANALYSIS', 'INPUT_TOO_LARGE', 'BUDGET_EXCEEDED',
  'RATE_EXCEEDED', 'DEADLINE_EXCEEDED', 'INVALID_OUTPUT', 'OUTPUT_TRUNCATED', 'OUTPUT_TOO_LARGE',
  'REFUSED_BY_MODEL', 'REJECTED_BY_PROVIDER', 'UNPRICED_MODEL', 'CAP_EXHAUSTED',
  'RETRIES_EXHAUSTED', 'CRASHED_WORKER', 'INTERNAL_ERROR', 'CANCELLED', 'UNKNOWN',
];

const FILTER = ['hours', 'reason', 'analysis', 'user', 'request'];

element('reason').append(...REASONS.map(reason => make('option', { value: reason }, reason)));

let plan = null; // the plan that can be carried out
let shown = null; // the filter of what the lists show: plans and discards are about that

function filter() {
  return Object.fromEntries(FILTER.map(name => [name, element(name).value]));
}

function setStatus(level, text) {
  element('status').dataset.level = level;
  setText(element('status'), text);
}

// ---------------------------------------------------------------- questions

// The answer to a question; null if there is none, which the page says then.
async function ask(path, query, body) {
  setStatus('unknown', body ? 'Working' : 'Reading');
  try {
    const address = query ? `${API}${path}?${new URLSearchParams(query)}` : `${API}${path}`;
    const response = await fetch(address, {
      cache: 'no-store',
      method: body ? 'POST' : 'GET',
      headers: { ...authorization(), ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });
    if (response.ok) {
      setStatus('good', 'Ready');
      element('access').hidden = true;
      return await response.json();
    }
    const why = await refusal(response);
    if (response.status === 401 || response.status === 403) {
      const hadToken = sessionStorage.getItem(TOKEN) !== null;
      if (response.status === 401) sessionStorage.removeItem(TOKEN);
      setText(element('access-why'),
        response.status === 401 && hadToken ? `This token is not the right one. It ${why}` : why);
      element('access-token').hidden = response.status !== 401;
      element('access').hidden = false;
      setStatus('warn', response.status === 401 ? 'A token is needed' : 'Not permitted');
    } else {
      setStatus('bad', why);
    }
  } catch (cause) {
    console.info('no answer', cause);
    setStatus('bad', 'This process does not answer');
  }
  return null;
}

element('access').addEventListener('submit', submitted => {
  submitted.preventDefault();
  const token = element('token').value.trim();
  element('token').value = '';
  // A header can have nothing else, and no token of a configuration does.
  if (/^[!-~]+$/.test(token)) {
    sessionStorage.setItem(TOKEN, token);
    list();
  } else {
    setText(element('access-why'), 'A token has no spaces and no letters with accents.');
  }
});

// ---------------------------------------------------------------- lists

async function list() {
  forgetPlan();
  setText(element('done'), '');
  const asked = filter();
  const found = await ask('', asked);
  if (found === null) return;
  shown = asked;
  const all = found.groups.reduce((sum, group) => sum + group.count, 0);
  const cost = found.groups.reduce((sum, group) => sum + group.costUsd, 0);
  const rows = found.groups.map(group => [
    { text: group.reason, asks: { reason: group.reason } },
    { text: group.analysis },
    { text: count(group.count), value: group.count },
    { text: usd(group.costUsd), value: group.costUsd },
  ]);
  if (rows.length > 1) {
    rows.push([{ text: 'all' }, { text: '' }, { text: count(all), value: all },
      { text: usd(cost), value: cost }]);
  }
  showTable(element('groups'), 'Dead letters by reason and analysis, and what they cost',
    [{ name: 'Reason' }, { name: 'Analysis' }, { name: 'Dead letters', kind: 'number' },
      { name: 'Cost', kind: 'number' }],
    rows, 'No such dead letters.');
  setText(element('discard-button'), `Discard ${count(all)}`);
  element('discarded').hidden = found.discarded === 0;
  setText(element('discarded'), `Discarded, and left out: ${count(found.discarded)}`);
  showTable(element('letters'), 'The newest dead letters, at most 50',
    [{ name: 'Request' }, { name: 'Time' }, { name: 'User' }, { name: 'Analysis' },
      { name: 'Reason' }, { name: 'Redriven', kind: 'number' }, { name: 'Cost', kind: 'number' },
      { name: 'Message' }],
    found.letters.map(letter => [
      letter.requestId === null
        ? { text: '–' }
        : { text: letter.requestId, asks: { show: letter.requestId, user: letter.userId ?? '' } },
      { text: clock(letter.failedAt), at: letter.failedAt },
      { text: letter.userId ?? '–' },
      { text: letter.analysis ?? '–' },
      { text: letter.reason },
      { text: count(letter.generation), value: letter.generation },
      { text: usd(letter.costUsd), value: letter.costUsd },
      { text: letter.message },
    ]),
    'No such dead letters.');
}

element('filter').addEventListener('submit', submitted => {
  submitted.preventDefault();
  element('details').hidden = true;
  list();
});

document.addEventListener('click', clicked => {
  const asks = clicked.target.dataset?.asks;
  if (asks === undefined) return;
  const { reason, show, user } = JSON.parse(asks);
  if (show !== undefined) {
    showRequest(show, user);
  } else {
    element('reason').value = reason;
    list();
  }
});

// ---------------------------------------------------------------- one request

function numbers(letter) {
  return {
    'ended': `${letter.reason} (${letter.kind}), in ${letter.stage.toLowerCase()}, ${letter.failedAt}`,
    'message': letter.message,
    'discarded': letter.discarded,
    'user': letter.userId,
    'analysis': `${letter.analysis ?? '–'}, version ${letter.analysisVersion}`,
    'model': letter.model,
    'redriven': `${letter.generation} times`,
    'calls': `${letter.calls}, ${letter.costUsd} USD confirmed, ${letter.unconfirmedUsd} USD unconfirmed`,
    'send again': letter.retryAt && `from ${letter.retryAt} on`,
    'shared with': letter.paidBy,
    'request record': letter.requestRecord,
    'stored': `partition ${letter.partition}, offset ${letter.offset}`,
  };
}

function preformatted(title, text) {
  return [make('h3', {}, title),
    make('pre', { tabindex: 0, role: 'region', 'aria-label': title }, text)];
}

function page(letter) {
  const lines = Object.entries(numbers(letter))
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, `${value}`)));
  const violations = letter.violations.map(({ path, rule, message }) =>
    make('li', {}, `${path || '(whole answer)'}: ${message || 'message not kept'} (${rule})`));
  return make('article', {},
    make('dl', { class: 'facts' }, ...lines),
    ...(violations.length === 0 ? [] : [
      make('h3', {}, 'Violations of the last answer'), make('ul', {}, ...violations)]),
    ...letter.answers.flatMap((answer, i) =>
      preformatted(`Answer ${i + 1} of ${letter.answers.length}`, answer)),
    ...preformatted('Content of the request', letter.content ?? letter.unreadable ?? ''));
}

async function showRequest(request, user) {
  const found = await ask('/request', { ...shown, reason: '', analysis: '', request, user });
  if (found === null) return;
  setText(element('details-title'), `Request ${request}`);
  element('pages').replaceChildren(...found.letters.map(page));
  element('details').hidden = false;
  element('details').focus();
}

// ---------------------------------------------------------------- changes

function forgetPlan() {
  plan = null;
  element('redrive').hidden = true;
  element('planned').replaceChildren();
}

async function makePlan(rejudge) {
  forgetPlan();
  if (shown === null) return;
  const made = await ask('/plan', { ...shown, rejudge });
  if (made === null) return;
  plan = made;
  const numbered = (what, items) => Object.entries(items).map(([name, number]) =>
    make('li', {}, `${count(number)} ${what}${name}`));
  element('planned').replaceChildren(
    make('p', { class: 'big' }, made.rejudge
      ? `${count(made.requests)} requests have answers that are valid today; nothing is paid.`
      : `${count(made.requests)} requests, for an estimated ${usd(made.estimatedUsd)}, and at most ${usd(made.worstUsd)}.`),
    make('ul', {}, ...numbered('', made.byReason), ...numbered('left out: ', made.left)));
  element('redrive').hidden = made.requests === 0;
  setText(element('redrive'), made.rejudge
    ? `Make results of ${count(made.requests)} answers`
    : `Redrive ${count(made.requests)} requests`);
  // Not the button: what it costs has to be read first.
  element('planned').focus();
}

element('plan').addEventListener('click', () => makePlan(false));
element('plan-rejudge').addEventListener('click', () => makePlan(true));

element('redrive').addEventListener('click', async () => {
  const done = await ask('/redrive', null, { plan: plan?.plan });
  if (done === null) return;
  forgetPlan();
  const skipped = done.skipped === 0 ? ''
    : ` ${count(done.skipped)} have a result meanwhile, or their record is gone.`;
  element('planned').replaceChildren(
    make('p', { class: 'big' }, `${count(done.published)} requests are published again.${skipped}`),
    make('ul', {}, ...done.rejected.map(rejected => make('li', {}, `not accepted: ${rejected}`))));
});

element('discard').addEventListener('submit', async submitted => {
  submitted.preventDefault();
  if (shown === null) return;
  const done = await ask('/discard', null, { ...shown, note: element('note').value.trim() });
  if (done === null) return;
  element('note').value = '';
  await list();
  setText(element('done'), `Discarded: ${count(done.discarded)}`);
});

list();
