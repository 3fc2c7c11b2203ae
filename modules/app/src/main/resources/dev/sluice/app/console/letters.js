// Shows dead letters by group, one by one and whole; redrives and discards them.

import {
  authorization, count, element, make, refusal, setText, showTable, TOKEN, usd, utc,
} from '/console/elements.js';

const API = '/api/dead-letters';

// As in Reason.avsc; a test compares them.
const REASONS = [
  'UNKNOWN', 'UNDECODABLE', 'INVALID_REQUEST', 'UNKNOWN_ANALYSIS', 'INPUT_TOO_LARGE',
  'BUDGET_EXCEEDED', 'RATE_EXCEEDED', 'DEADLINE_EXCEEDED', 'CANCELLED', 'INVALID_OUTPUT',
  'OUTPUT_TRUNCATED', 'OUTPUT_TOO_LARGE', 'REFUSED_BY_MODEL', 'REJECTED_BY_PROVIDER', 'UNPRICED_MODEL',
  'CAP_EXHAUSTED', 'RETRIES_EXHAUSTED', 'CRASHED_WORKER', 'INTERNAL_ERROR',
];

// What must not be left for another question: the answer would be lost, and the work goes on.
const LONG = ['/plan', '/redrive', '/discard', '/take-back'];

const LONGEST_ID = 256;

// What a group says whose dead letters name no analysis.
const NO_ANALYSIS = '-';

const FILTER = ['hours', 'reason', 'analysis', 'user', 'request'];

element('reason').append(...REASONS.map(reason => make('option', { value: reason }, reason)));

let plan = null; // the plan that can be carried out
let shown = null; // what the lists show: plans and discards are about that
let begun = null; // a discard that may not have been done whole: again is the same discard
let done = null; // the last discard, which can be taken back
let newest = 0; // the number of the last question: answers to older ones come too late
let mayBeDone = false; // whether the last question may have changed something though it failed
let busy = false; // whether a plan is being made, or something changed

function filter() {
  return Object.fromEntries(FILTER.map(name => [name, element(name).value.trim()]));
}

function setStatus(level, text) {
  element('status').dataset.level = level;
  setText(element('status'), text);
}

// Says beside a button why it did not work; the empty text takes that back.
function fail(place, why) {
  setText(element(`${place}-error`), why);
}

// ---------------------------------------------------------------- questions

function request(path, query, body) {
  return fetch(query ? `${API}${path}?${new URLSearchParams(query)}` : `${API}${path}`, {
    cache: 'no-store',
    method: body ? 'POST' : 'GET',
    headers: { ...authorization(), ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body && JSON.stringify(body),
  });
}

function askForToken(status, why) {
  const isUnknown = status === 401;
  const hadToken = sessionStorage.getItem(TOKEN) !== null;
  if (isUnknown) sessionStorage.removeItem(TOKEN);
  setText(element('access-why'),
    !isUnknown ? why
      : hadToken ? 'This token is not the right one.'
        : 'Dead letters are shown to who has the token: http.token of the configuration.');
  element('access-token').hidden = !isUnknown;
  element('access').hidden = false;
  setStatus('warn', isUnknown ? 'A token is needed' : 'Not permitted');
}

// The answer to a question; null if there is none: then the place beside the button says why.
async function ask(place, path, query, body) {
  if (busy) {
    fail(place, 'Wait for what was asked before: it is not done yet.');
    return null;
  }
  const mine = ++newest;
  busy = LONG.includes(path);
  fail(place, '');
  setStatus('unknown', busy ? 'Working' : 'Reading');
  try {
    const response = await request(path, query, body);
    if (response.ok) {
      const answer = await response.json();
      if (mine !== newest) return null;
      setStatus('good', 'Ready');
      element('access').hidden = true;
      return answer;
    }
    const why = await refusal(response);
    if (mine !== newest) return null;
    mayBeDone = response.status >= 500;
    if (response.status === 401 || (response.status === 403 && place === 'filter')) {
      askForToken(response.status, why);
    } else {
      setStatus('bad', 'Not done');
      fail(place, why);
    }
  } catch (cause) {
    console.info('no answer', cause);
    mayBeDone = true;
    if (mine !== newest) return null;
    setStatus('bad', 'No answer');
    fail(place, 'This process does not answer. Try again, or ask another one.');
  } finally {
    if (mine === newest) busy = false;
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

// Whether a request can be asked for by its id; requesters may have written anything.
function isId(text) {
  return text !== null && text.trim() !== '' && text.length <= LONGEST_ID;
}

async function list() {
  forgetPlan();
  begun = null;
  done = null;
  element('take-back').hidden = true;
  setText(element('done'), '');
  element('details').hidden = true;
  const asked = filter();
  const found = await ask('filter', '', asked);
  if (found === null) return false;
  const { hours, ...query } = asked;
  shown = { hours, count: found.count, query: { ...query, since: found.since, ends: found.ends } };
  element('no-changes').hidden = found.noChanges === undefined;
  setText(element('no-changes'), found.noChanges ?? '');
  const all = found.groups.reduce((sum, group) => sum + group.count, 0);
  const cost = found.groups.reduce((sum, group) => sum + group.costUsd, 0);
  const rows = found.groups.map(group => [
    // The filter cannot ask for dead letters without an analysis.
    group.analysis === NO_ANALYSIS ? { text: group.reason } : {
      text: group.reason,
      label: `${group.reason} of ${group.analysis}`,
      asks: { reason: group.reason, analysis: group.analysis },
    },
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
  for (const id of ['plan', 'plan-rejudge']) element(id).disabled = all === 0;
  element('discard-button').disabled = all === 0 || found.noChanges !== undefined;
  const remarks = [
    found.discarded === 0 ? '' : `Discarded, and left out: ${count(found.discarded)}`,
    found.unread ?? '',
  ].filter(remark => remark !== '');
  element('remarks').hidden = remarks.length === 0;
  setText(element('remarks'), remarks.join('. '));
  showTable(element('letters'), 'The newest dead letters, at most 50',
    [{ name: 'Request' }, { name: 'Time (UTC)' }, { name: 'User' }, { name: 'Analysis' },
      { name: 'Reason' }, { name: 'Generation', kind: 'number' }, { name: 'Cost', kind: 'number' },
      { name: 'Message', kind: 'wraps' }],
    found.letters.map(letter => [
      isId(letter.requestId)
        ? { text: letter.requestId, asks: { request: letter.requestId, user: letter.userId ?? '' } }
        : { text: letter.requestId?.trim() || 'without an id',
          asks: { place: `${letter.partition}@${letter.offset}` } },
      { text: utc(letter.failedAt), at: letter.failedAt },
      { text: letter.userId ?? '–' },
      { text: letter.analysis ?? '–' },
      { text: letter.reason },
      { text: count(letter.generation), value: letter.generation },
      { text: usd(letter.costUsd), value: letter.costUsd },
      { text: letter.message },
    ]),
    'No such dead letters.');
  return true;
}

element('filter').addEventListener('submit', submitted => {
  submitted.preventDefault();
  list();
});

document.addEventListener('click', async clicked => {
  const asks = clicked.target.dataset?.asks;
  if (asks === undefined) return;
  const { reason, analysis, ...letter } = JSON.parse(asks);
  if (reason === undefined) {
    await show(letter);
  } else {
    element('reason').value = reason;
    element('analysis').value = analysis;
    // The button is gone with the list that it was in.
    if (await list()) element('found').focus();
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
    'generation': letter.generation === 0 ? '0, the first' : letter.generation,
    'calls': `${letter.calls}, ${letter.costUsd} USD confirmed, ${letter.unconfirmedUsd} USD unconfirmed`,
    'send again': letter.retryAt && `from ${letter.retryAt} on`,
    'shared with': letter.paidBy,
    'request record': letter.requestRecord,
    ...Object.fromEntries(Object.entries(letter.attributes)
      .map(([name, value]) => [`attribute ${name}`, value])),
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
  const violations = letter.violations.map(({ path, rule, message, marked }) =>
    make('li', {}, `${path || '(whole answer)'}: ${message || 'message not kept'} (${rule})`,
      ...(marked ? [make('br'), make('code', {}, marked)] : [])));
  return make('article', {},
    make('dl', { class: 'facts' }, ...lines),
    ...(violations.length === 0 ? [] : [
      make('h3', {}, 'Violations of the last answer'), make('ul', {}, ...violations)]),
    ...letter.answers.flatMap((answer, i) =>
      preformatted(`Answer ${i + 1} of ${letter.answers.length}`, answer)),
    ...preformatted('Content of the request', letter.content ?? letter.unreadable ?? ''),
    ...preformatted('Headers of the record',
      letter.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')));
}

async function show(letter) {
  const found = await ask('show', '/request', { hours: shown.hours, ...letter });
  if (found === null) return;
  if (found.letters.length === 0) {
    fail('show', 'It has been deleted meanwhile, or is older than the time above.');
    return;
  }
  setText(element('details-title'),
    letter.request === undefined ? `Dead letter ${letter.place}` : `Request ${letter.request}`);
  element('pages').replaceChildren(...found.letters.map(page));
  element('details').hidden = false;
  element('details').focus();
}

// ---------------------------------------------------------------- changes

function requests(number) {
  return `${count(number)} ${number === 1 ? 'request' : 'requests'}`;
}

function forgetPlan() {
  plan = null;
  element('redrive').hidden = true;
  element('planned').replaceChildren();
  for (const place of ['plan', 'redrive', 'discard', 'show']) fail(place, '');
}

async function makePlan(rejudge) {
  forgetPlan();
  if (shown === null) return;
  const terms = rejudge ? {} : {
    maxUsd: element('max-usd').value.trim(), deadlineHours: element('deadline').value,
  };
  const made = await ask('plan', '/plan', null, { ...shown.query, rejudge: `${rejudge}`, ...terms });
  if (made === null) return;
  plan = made;
  const numbered = (what, items) => Object.entries(items).map(([name, number]) =>
    make('li', {}, `${count(number)} ${what}${name}`));
  element('planned').replaceChildren(
    make('p', { class: 'big' }, made.rejudge
      ? `${requests(made.requests)} with answers that are valid today; nothing is paid.`
      : `${requests(made.requests)}, for an estimated ${usd(made.estimatedUsd)}, and at most ${usd(made.worstUsd)}.`),
    make('ul', {}, ...numbered('', made.byReason), ...numbered('left out: ', made.left)),
    ...(made.shared === 0 ? [] : [make('p', {},
      `${count(made.shared)} of them shared the failed job of another request; each is paid alone now.`)]),
    ...(made.unread === undefined ? [] : [make('p', {}, made.unread)]));
  element('redrive').hidden = made.requests === 0 || !element('no-changes').hidden;
  setText(element('redrive'), made.rejudge
    ? `Make results of the answers to ${requests(made.requests)}`
    : `Redrive ${requests(made.requests)}`);
  // Not the button: what it costs has to be read first.
  element('planned').focus();
}

element('plan').addEventListener('click', () => makePlan(false));
element('plan-rejudge').addEventListener('click', () => makePlan(true));

element('redrive').addEventListener('click', async () => {
  if (plan === null) return;
  const answer = await ask('redrive', '/redrive', null, { plan: plan.plan });
  if (answer === null) return;
  forgetPlan();
  const skipped = answer.skipped === 0 ? ''
    : ` ${count(answer.skipped)} have a result meanwhile, are discarded, or their record is gone.`;
  element('planned').replaceChildren(
    make('p', { class: 'big' }, `Published again: ${requests(answer.published)}.${skipped}`),
    make('p', {}, 'Their dead letters stay in the list until they are discarded. A plan leaves out those that have a result.'),
    make('ul', {}, ...answer.rejected.map(rejected => make('li', {}, `not accepted: ${rejected}`))));
  element('planned').focus();
});

element('discard').addEventListener('submit', async submitted => {
  submitted.preventDefault();
  if (shown === null) return;
  begun ??= { ...shown.query, at: new Date().toISOString() };
  const asked = begun;
  const answer = await ask('discard', '/discard', null,
    { ...asked, count: `${shown.count}`, note: element('note').value.trim() });
  if (answer === null) {
    // Part of it may be done.
    done = asked;
    element('take-back').hidden = !mayBeDone;
    return;
  }
  element('note').value = '';
  await list();
  done = asked;
  setText(element('done'), `Discarded: ${count(answer.discarded)}`);
  element('take-back').hidden = answer.discarded === 0;
  element('done').focus();
});

element('take-back').addEventListener('click', async () => {
  const answer = await ask('discard', '/take-back', null, done);
  if (answer === null) return;
  await list();
  setText(element('done'), `Taken back: ${count(answer.takenBack)}`);
  element('done').focus();
});

list();
