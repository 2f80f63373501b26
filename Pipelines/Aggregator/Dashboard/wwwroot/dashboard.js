'use strict';
const $ = id => document.getElementById(id);
const say = (id, text) => { if ($(id).textContent !== text) { $(id).textContent = text; } };
const number = n => n.toLocaleString('en');
const rate = n => n >= 100 ? number(Math.round(n)) : n >= 10 ? String(+n.toFixed(1)) : String(+n.toFixed(2));
const percent = n => `${(100 * n).toFixed(1)} %`;
const bytes = n => {
  let unit = 0;
  for (; n >= 1000 && unit < 4; unit++) { n /= 1000; }
  return `${n >= 100 || unit === 0 ? Math.round(n) : n.toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
};
const span = seconds => seconds < 1 ? 'now' : seconds < 90 ? `${Math.round(seconds)} s ago`
  : seconds < 5400 ? `${Math.round(seconds / 60)} min ago` : seconds < 129600 ? `${Math.round(seconds / 3600)} h ago`
  : `${Math.round(seconds / 86400)} d ago`;
const figures = n => n >= 100 ? number(Math.round(n)) : String(+n.toPrecision(3));
const seconds = n => n < 1 ? `${figures(1000 * n)} ms` : `${figures(n)} s`;
const plural = (n, word) => `${number(n)} ${word}${n === 1 ? '' : 's'}`;

const silence = 5000;       // milliseconds without a message after which the connection counts as lost
const retryEvery = 2000;
const rowsFirst = 100;
const meanOver = 10;        // seconds
const columns = {
  scores: { names: ['version', 'accuracy', 'loss'], data: [], tail: 0 },
  budgets: { names: ['version', 'steps', 'used', 'delta'], data: [], tail: 0 },
  owns: { names: ['time', 'accuracy', 'loss'], data: [], tail: 0 },
  moments: { names: ['time', 'accepted', 'refused', 'backlog', 'bytesIn', 'bytesOut'], data: [], tail: 0 },
};
const devices = new Map();
let newest = null, heard = 0, source = null, retry = 0, sort = { key: 'name', down: false }, showsAll = false;

const plots = {
  accuracy: charts.create('chart-accuracy', [{ label: 'accuracy', color: 'c0' }],
    { unit: v => `${Math.round(100 * v)} %`, range: [0, 1] }),
  loss: charts.create('chart-loss', [{ label: 'loss', color: 'c2' }], { unit: v => String(+v.toFixed(3)), floor: 0.01 }),
  ownAccuracy: charts.create('chart-own-accuracy', [{ label: 'accuracy', color: 'c0' }],
    { time: true, unit: v => `${Math.round(100 * v)} %`, range: [0, 1] }),
  ownLoss: charts.create('chart-own-loss', [{ label: 'loss', color: 'c2' }],
    { time: true, unit: v => String(+v.toFixed(3)), floor: 0.01 }),
  tau: charts.create('chart-tau', [{ label: 'steps', color: 'c2' }], { unit: rate, floor: 4 }),
  used: charts.create('chart-used', [{ label: 'used', color: 'c1' }],
    { unit: v => `${Math.round(100 * v)} %`, range: (u, min, max) => [0, Math.max(1, max)] }),
  delta: charts.create('chart-delta', [{ label: 'delta', color: 'c0' }], { unit: v => String(+v.toPrecision(3)), floor: 0.01 }),
  updates: charts.create('chart-updates', [{ label: 'accepted', color: 'c0' }, { label: 'refused', color: 'c1', dash: [5, 3] }],
    { time: true, unit: rate }),
  backlog: charts.create('chart-backlog', [{ label: 'messages', color: 'c2' }], { time: true, unit: rate, floor: 4 }),
  bytes: charts.create('chart-bytes', [{ label: 'in', color: 'c0' }, { label: 'out', color: 'c1', dash: [5, 3] }],
    { time: true, unit: bytes, floor: 1000 }),
};

// Puts the points of a message behind those that it does not repeat.
function append(curve, message) {
  curve.names.forEach((name, i) => { curve.data[i] = (curve.data[i] || []).slice(0, message.from).concat(message[name]); });
}

function take(message) {
  newest = message;
  append(columns.scores, message.scores);
  append(columns.budgets, message.budgets);
  append(columns.moments, message.moments);
  append(columns.owns, message.owns);
  for (const device of message.devices) { devices.set(device.id, device); }
  showNow(message);
  showFigures(message);
  showCharts(message);
  showResults(message);
  showClasses(message);
  showSplits(message);
  showDevices(message);
}

function showFigures(s) {
  const standsBy = s.lead !== undefined && !s.lead.leads;
  document.title = standsBy ? `${s.fleet}: stands by`
    : s.waiting ? `${s.fleet}: waiting for updates` : `${s.fleet}: version ${number(s.version)}`;
  say('fleet', s.fleet);
  say('server', s.server);
  say('waiting-server', s.server);
  say('waiting-fleet', s.fleet);
  $('waiting').hidden = !s.waiting || s.devicesAlive > 0;
  say('version', number(s.version));
  $('version').title = s.strategy;
  $('lead').hidden = s.lead === undefined;
  say('lead', s.lead === undefined ? '' : `This aggregator ${s.lead.text}.`);
  $('budget').hidden = $('steering').hidden = s.budget === undefined;
  say('budget', s.budget === undefined ? '' : `Budget: ${s.budget.text}`);
  const own = s.judges ? undefined : s.own;       // rows from which nobody learns say more
  say('accuracy', own ? (own.newestAccuracy === null ? '–' : percent(own.newestAccuracy))
    : s.score.version === undefined || s.score.accuracy === null ? '–' : percent(s.score.accuracy));
  say('loss', own ? (own.newestLoss === null ? "of the devices' own windows" : `loss ${own.newestLoss.toFixed(3)}, own windows`)
    : s.score.version === undefined ? (s.judges ? 'no version judged yet' : 'no device has said yet')
    : `loss ${s.score.loss === null ? 'not finite' : s.score.loss.toFixed(3)} at ${number(s.score.version)}`);
  say('alive', number(s.devicesAlive));
  const slow = s.acceptedPerSecond < 1 && s.refusedPerSecond < 1;     // a mean of seconds is 0 most of the time
  say('rate-unit', slow ? 'minute' : 'second');
  say('accepted', rate(slow ? s.acceptedPerMinute : s.acceptedPerSecond));
  say('refused', `${rate(slow ? s.refusedPerMinute : s.refusedPerSecond)} refused`);
  say('staleness', s.stalenessP50 === null ? '–' : number(s.stalenessP50));
  say('staleness-p95', s.stalenessP95 === null ? 'no update yet' : `versions, p95 ${number(s.stalenessP95)}`);
  say('backlog', number(s.backlog));
  say('in-round', `${plural(s.updatesInRound, 'update')} held`);
  showAges(s);
}

function showAges(s) {
  say('version-age', s.versionAt === null ? 'none made yet' : `made ${span((Date.parse(s.at) - Date.parse(s.versionAt)) / 1000)}`);
}

// The mean of each point and those of some seconds before it: versions come in jumps.
function smooth(time, values) {
  const means = [];
  for (let i = 0, from = 0, sum = 0; i < (time || []).length; i++) {
    sum += values[i];
    while (time[i] - time[from] >= meanOver) { sum -= values[from++]; }
    means.push(Math.max(0, sum / (i - from + 1)));
  }
  return means;
}

function showCharts(s) {
  const [version, accuracy, loss] = columns.scores.data, [time, accepted, refused, backlog, bytesIn, bytesOut] = columns.moments.data;
  const unjudged = 'No version has been judged yet.', unsaid = 'No device has said yet how it answers its own windows.';
  const nothing = 'The program has just begun.';
  $('judged-accuracy').hidden = $('judged-loss').hidden = !s.judges;
  $('own-accuracy').hidden = s.own !== undefined && s.own.classes.length === 0;
  if (s.judges) {
    charts.draw(plots.accuracy, [version, accuracy], unjudged);
    charts.draw(plots.loss, [version, loss], unjudged);
  }
  const [said, ownAccuracy, ownLoss] = columns.owns.data;
  charts.draw(plots.ownAccuracy, [said, ownAccuracy], unsaid);
  charts.draw(plots.ownLoss, [said, ownLoss], unsaid);
  if (s.budget !== undefined) {
    const [made, steps, used, delta] = columns.budgets.data;
    charts.draw(plots.tau, [made, steps], nothing);
    charts.draw(plots.used, [made, used], nothing);
    charts.draw(plots.delta, [made, delta], nothing);
  }
  charts.draw(plots.updates, [time, smooth(time, accepted), smooth(time, refused)], nothing);
  charts.draw(plots.backlog, [time, backlog], nothing);
  charts.draw(plots.bytes, [time, smooth(time, bytesIn), smooth(time, bytesOut)], nothing);
}

// Writes the rows of a table into those that are there, so that what a reader has selected stays.
function fill(table, rows) {
  const body = table.tBodies[0];
  while (body.rows.length > rows.length) { body.lastElementChild.remove(); }
  rows.forEach((cells, i) => {
    const tr = body.rows[i] || body.insertRow();
    cells.forEach(([text, className, label], j) => {
      const td = tr.cells[j] || tr.insertCell();
      if (td.textContent !== text) { td.textContent = text; }
      if (td.className !== (className || '')) { td.className = className || ''; }
      if (label) { td.dataset.label = label; }
    });
  });
}

function showResults(s) {
  const refused = Object.entries(s.refused).sort((a, b) => b[1] - a[1]);
  const sum = s.accepted + refused.reduce((n, [, count]) => n + count, 0);
  const share = n => sum === 0 ? '–' : percent(n / sum);
  fill($('results'), [['accepted', s.accepted], ...refused.map(([reason, count]) => [`refused: ${reason}`, count])]
    .map(([name, count]) => [[name], [number(count), 'n'], [share(count), 'n']]));
}

// Devices by classes: the share that is right, and of how many windows.
function showClasses(s) {
  $('own-table').hidden = s.own === undefined;
  if (s.own === undefined) { return; }
  say('worth', s.own.worth);
  const share = (windows, right) => windows === 0 ? '–' : `${percent(right / windows)} of ${number(windows)}`;
  const heads = ['Device', 'All', ...s.own.names.map(name => /^\d+$/.test(name) ? `Class ${name}` : name), 'Held up'];
  const row = $('classes').tHead.rows[0];
  while (row.cells.length > heads.length) { row.lastElementChild.remove(); }
  heads.forEach((text, i) => {
    const th = row.cells[i] || row.appendChild(Object.assign(document.createElement('th'), { scope: 'col' }));
    if (th.textContent !== text) { th.textContent = text; }
    th.className = i === 0 || i === heads.length - 1 ? '' : 'n';
  });
  const cells = (name, own) => [
    [name, 'name'],
    [own.classes.length === 0 ? (own.newestLoss === null ? '–' : `loss ${own.newestLoss.toFixed(3)}`)
      : share(own.windows, own.right), 'n', 'all'],
    ...s.own.names.map((name, c) => [own.classes[c] ? share(...own.classes[c]) : '–', 'n', heads[c + 2]]),
    [own.heldUp || '', '', 'held up'],
  ];
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  const list = [...devices.values()].filter(d => d.own).sort((a, b) => compare(a.name, b.name) || a.id - b.id);
  fill($('classes'), [...list.slice(0, showsAll ? list.length : rowsFirst).map(d => cells(d.name, d.own)), cells('all', s.own)]);
}

// Where the layers of each device run, and what that saves it.
function showSplits(s) {
  const plan = s.splits || { devices: [] }, list = plan.devices.slice(0, showsAll ? plan.devices.length : rowsFirst);
  $('splits').hidden = list.length === 0;
  if (list.length === 0) { return; }
  const ago = time => span((Date.parse(s.at) - Date.parse(time)) / 1000);
  const of = (part, alone, text) => (part ?? null) === null || (alone ?? null) === null ? '–' : part === alone ? text(part)
    : `${text(part)} of ${text(alone)} alone, ${part < alone ? '−' : '+'}${Math.round(100 * Math.abs(1 - part / alone))} %`;
  const link = bits => bits === undefined ? '–' : bits > 1e12 ? '> 1,000,000' : rate(bits / 1e6);
  say('split-change', `of ${plan.layers}; last change ${ago(plan.changedAt)}: ${plan.changedWhy}`);
  $('plan').className = list.some(d => d.modelledJoules !== undefined) ? '' : 'plain';
  fill($('plan'), list.map(d => [
    [d.name, 'name'],
    [`${d.layers} of ${plan.layers}`, 'layers'],
    [link(d.bitsPerSecond), 'n'],
    [of(d.seconds, d.localSeconds, seconds), 'n'],
    [of(d.modelledJoules, d.modelledLocalJoules, n => `${figures(n)} J`), 'n joules'],
    [ago(d.since)],
    [d.why],
  ]));
  list.forEach((d, i) => $('plan').tBodies[0].rows[i].cells[1].style.setProperty('--share', d.layers / Math.max(1, plan.layers)));
}

function showDevices(s) {
  const now = Date.parse(s.at), list = withStates(s);
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  const direction = sort.down ? -1 : 1;
  list.sort((a, b) => {
    const [x, y] = [a[sort.key], b[sort.key]];
    const order = typeof x === 'string' ? compare(x, y) : (x ?? -1) - (y ?? -1);
    return direction * order || compare(a.name, b.name) || a.id - b.id;
  });
  const shown = showsAll ? list : list.slice(0, rowsFirst);
  fill($('devices'), shown.map(d => [
    [d.name, 'name'],
    [d.reason && d.state !== 'quiet' ? `${d.state}: ${d.reason}` : d.state, `state ${d.state}`],
    [span((now - Date.parse(d.lastSeen)) / 1000), '', 'seen'],
    [number(d.applied), 'n', 'accepted'],
    [number(d.capped), 'n', 'capped'],
    [number(d.refused), 'n', 'refused'],
    [d.stalenessP50 === null ? '–' : number(d.stalenessP50), 'n', 'staleness p50'],
    [d.stalenessP95 === null ? '–' : number(d.stalenessP95), 'n', 'p95'],
  ]));
  const others = s.unlisted > 0 ? `, and ${plural(s.unlisted, 'update')} of devices that are not listed` : '';
  say('listed', list.length === 0 ? 'none has sent an update' : `${number(list.length)}${others}`);
  const count = state => list.filter(d => d.state === state).length;
  const parts = ['waiting', 'slow', 'refused', 'quiet', 'left'].filter(count).map(state => `${number(count(state))} ${state}`);
  say('device-states', ['alive', ...parts].join(', '));
  say('quiet-after', plural(s.quietAfterSeconds, 'second'));
  $('all').hidden = list.length <= rowsFirst;
  say('all', showsAll ? `Show ${rowsFirst}` : `Show all ${number(list.length)}`);
}

for (const head of document.querySelectorAll('#devices th')) {
  head.firstElementChild.addEventListener('click', () => {
    const key = head.dataset.key;
    sort = { key, down: sort.key === key ? !sort.down : key !== 'name' && key !== 'state' };
    for (const other of document.querySelectorAll('#devices th')) { other.removeAttribute('aria-sort'); }
    head.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending');
    if (newest) { showDevices(newest); }
  });
}
$('all').addEventListener('click', () => { showsAll = !showsAll; if (newest) { showNow(newest); showClasses(newest); showSplits(newest); showDevices(newest); } });

function setLive(live) {
  const ended = newest && !newest.running;
  const away = live && newest.connected === false;      // the program runs, and its server is not there
  $('connection').className = `pill ${live && !away ? 'live' : 'lost'}`;
  say('connection', away ? 'server away' : live ? 'live' : ended ? 'program ended' : newest ? 'connection lost' : 'not connected');
  document.body.classList.toggle('stale', !live || away);
  $('lost').hidden = live && !away;
  if (away) { say('lost', `The aggregator is not connected to ${newest.server}. It tries again by itself.`); }
  if (live) { return; }
  const since = newest ? ` What is shown is of ${new Date(newest.at).toLocaleTimeString('en-GB')}.` : '';
  say('lost', `${ended ? 'The program has ended.' : 'The connection to the program is lost.'}${since} This page tries again by itself.`);
}

// A page that nobody sees reads nothing: a browser has few connections to one server.
function connect() {
  clearTimeout(retry);
  source?.close();
  source = null;
  if (document.hidden) { return; }
  source = new EventSource('events');
  source.addEventListener('message', event => {
    const message = JSON.parse(event.data);
    if (message.scores.from === 0 && message.moments.from === 0 && event.lastEventId === '1') { devices.clear(); }
    heard = performance.now();
    take(message);
    setLive(message.running);
  });
  source.addEventListener('error', () => {
    setLive(false);
    source?.close();
    retry = setTimeout(connect, retryEvery);
  });
}

document.addEventListener('visibilitychange', connect);
setInterval(() => {
  if (source?.readyState === 1 && performance.now() - heard > silence) {
    setLive(false);
    heard = performance.now();
    connect();
  }
}, 1000);
connect();
