'use strict';
const $ = id => document.getElementById(id);
const say = (id, text) => { if ($(id).textContent !== text) { $(id).textContent = text; } };
const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) { element.className = className; }
  if (text !== undefined) { element.textContent = text; }
  return element;
};

const silence = 8000;       // milliseconds without a message after which the connection counts as lost
const retryEvery = 2000;
const mostRounds = 6000, mostLines = 60;
const caseNames = ['', 'uniform', 'by label', 'all alike', 'mixed'];
const stageNames = { learning: 'steps of the next round', lastLearning: 'steps of the last round', evaluating: 'to judge the last model', ended: 'no round follows' };
const names = ['time', 'loss', 'accuracy', 'tau', 'c', 'b', 'rho', 'beta', 'delta'];
const judgedNames = ['loss', 'accuracy'];       // of rounds that follow each other too fast, the newest is judged
let columns = names.map(() => []), judged = [], run = 0, newest = null, view = null, heard = 0, source = null, retry = 0, pictures = [];

const short = v => String(+v.toPrecision(3));
const seconds = { label: 's', unit: v => String(+v.toFixed(1)) };
const milliseconds = v => v >= 10 ? `${Math.round(v)} ms` : `${+v.toFixed(1)} ms`;
const plot = (name, color, options) =>
  charts.create(`chart-${name}`, [{ label: name, color }], { x: seconds, height: 150, unit: short, floor: 0.001, ...options });
const plots = {
  loss: plot('loss', 'third'),
  accuracy: plot('accuracy', 'good', { unit: v => `${+(100 * v).toFixed(1)} %`, range: [0, 1] }),
  tau: plot('tau', 'bad', { unit: v => String(+v.toFixed(1)), floor: 4 }),
  c: plot('c', 'good', { unit: milliseconds, floor: 1 }),
  b: plot('b', 'good', { unit: milliseconds, floor: 1 }),
  rho: plot('rho', 'third'),
  beta: plot('beta', 'third'),
  delta: plot('delta', 'third'),
};

function clear() {
  columns = names.map(() => []);
  judged = [[], ...judgedNames.map(() => [])];
  newest = null;
  $('log-aggregator').replaceChildren();
  $('log-node').replaceChildren();
}

function take(message, isFirst) {
  if (isFirst || message.run !== run) { clear(); }
  run = message.run;
  view = message;
  for (const round of message.rounds) { add(round); }
  log('log-aggregator', message.rounds.flatMap(round => round.aggregatorLog));
  log('log-node', message.rounds.flatMap(round => round.nodeLog));
  showControls(message);
  if (newest) { showRound(newest); }
  showCharts();
}

function add(round) {
  if (round.accuracy !== null) {
    newest = round;
    [round.time, round.loss, round.accuracy].forEach((value, i) => keep(judged[i], value));
  }

  names.forEach((name, i) => {
    const value = round[name];
    keep(columns[i], name === 'c' || name === 'b' ? (value > 0 ? 1000 * value : null) : value);
  });
}

function keep(column, value) {
  column.push(value);
  if (column.length > mostRounds) { column.shift(); }
}

function log(place, lines) {
  const list = $(place);
  for (const line of lines.slice(-mostLines)) {
    const item = make('li');
    item.append(make('time', '', line.time.toFixed(3)), make('span', '', line.text));
    list.prepend(item);
  }
  while (list.children.length > mostLines) { list.lastElementChild.remove(); }
}

function showControls(message) {
  const pressed = { 'set-case': String(message.case), 'set-delay': String(message.delayMs), 'set-pace': message.pace };
  for (const button of document.querySelectorAll('button[data-command]')) {
    const isOn = String(button.dataset.value === pressed[button.dataset.command]);
    if (button.getAttribute('aria-pressed') !== isOn) { button.setAttribute('aria-pressed', isOn); }
  }
  $('ended').hidden = !message.ended;
  $('notice').hidden = message.notice === null;
  say('notice', message.notice ?? '');
  showTime(message);
}

// Over a server time is real, and nobody sets its pace.
function showTime({ over, pace }) {
  $('pace').hidden = pace === null;
  say('over', over ? `, in real time over ${over}` : '');
  for (const clock of document.querySelectorAll('.clock')) {
    const text = over ? 'seconds' : 'virtual seconds';
    if (clock.textContent !== text) { clock.textContent = text; }
  }
}

function showRound(r) {
  document.title = `Adaptive tau: ${r.used.toFixed(1)} of ${r.limit} s`;
  say('tau', r.stage === 'ended' ? '–' : String(r.tau));
  say('stage', stageNames[r.stage]);
  say('accuracy', `${(100 * r.accuracy).toFixed(1)} %`);
  say('loss', r.loss === null ? 'not finite' : r.loss.toFixed(4));
  say('version', `of version ${r.version}`);
  say('case', String(r.case));
  say('case-name', caseNames[r.case] + (view.case === r.case ? '' : `, next ${view.case}`));
  say('added', `${r.delayMs} ms`);
  say('aggregation', r.b > 0 ? `b is ${milliseconds(1000 * r.b)}` : '');
  say('used', `${r.used.toFixed(1)} s`);
  say('limit', `of ${r.limit} s`);
  $('budget').value = Math.min(1, r.used / r.limit);
  showClasses(r.classes);
  showDigits(r.predictions);
}

function showClasses(nodes) {
  const table = $('classes'), body = table.tBodies[0], head = table.tHead.rows[0];
  for (let d = head.cells.length - 1; d < 10; d++) {
    const cell = make('th', '', String(d));
    cell.scope = 'col';
    head.append(cell);
  }
  const most = Math.max(1, ...nodes.flat());
  nodes.forEach((counts, n) => {
    let row = body.rows[n];
    if (!row) {
      row = body.insertRow();
      const name = make('th', '', String(n));
      name.prepend(make('span', 'word', 'node-'));
      name.scope = 'row';
      row.append(name);
    }
    counts.forEach((count, d) => {
      let cell = row.cells[d + 1];
      if (!cell) {
        cell = row.insertCell();
        const bar = make('span', 'bar');
        bar.append(make('i'));
        cell.append(make('span', 'count'), bar);
      }
      if (cell.firstChild.textContent === String(count) && cell.dataset.most === String(most)) { return; }
      cell.firstChild.textContent = String(count);
      cell.className = count === 0 ? 'none' : '';
      cell.dataset.most = most;
      cell.lastChild.firstChild.style.width = `${100 * count / most}%`;
    });
  });
}

// A byte of ink for each pixel, on the paper of the page.
async function loadDigits() {
  const answer = await fetch('digits');
  const { side, digits } = await answer.json();
  pictures = digits.map(({ index, digit, gray }) => {
    const item = make('li'), canvas = make('canvas');
    canvas.width = canvas.height = side;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `a written ${digit}`);
    const context = canvas.getContext('2d'), image = context.createImageData(side, side);
    [...atob(gray)].forEach((byte, i) => {
      image.data.set([0, 0, 0, byte.charCodeAt(0)], 4 * i);
    });
    context.putImageData(image, 0, 0);
    const frame = make('div', 'frame');
    frame.append(canvas);
    item.append(frame, make('span'));
    return { index, item };
  });
  $('digits').replaceChildren(...pictures.map(p => p.item));
  if (newest) { showDigits(newest.predictions); }
}

function showDigits(predictions) {
  for (const { index, item } of pictures) {
    const said = predictions.find(p => p.index === index);
    if (!said) { continue; }
    const text = `${said.even ? 'even' : 'odd'} ${said.right ? '✓' : '✗'}`;
    if (item.lastChild.textContent !== text) { item.lastChild.textContent = text; }
    item.className = said.right ? 'right' : 'wrong';
  }
  say('right', `what the newest model says of them: ${predictions.filter(p => p.right).length} of ${predictions.length} right`);
}

function showCharts() {
  const [time, ...values] = columns;
  const [judgedAt, ...judgements] = judged;
  names.slice(1).forEach((name, i) => {
    const at = judgedNames.indexOf(name);
    charts.draw(plots[name], at < 0 ? [time, values[i]] : [judgedAt, judgements[at]], 'The first round is under way.');
  });
}

async function ask(command, value) {
  let problem = '';
  try {
    const answer = await fetch('commands', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(value === undefined ? { command } : { command, value }),
    });
    if (!answer.ok) { problem = await answer.text(); }
  } catch {
    problem = 'The program does not answer.';
  }
  $('problem').hidden = !problem;
  say('problem', problem);
}

for (const button of document.querySelectorAll('button[data-command]')) {
  const { command, value } = button.dataset;
  button.addEventListener('click', () => {
    if (command === 'set-delay') { $('delay').value = value; }
    ask(command, command === 'set-pace' ? value : Number(value));
  });
}
$('delay-form').addEventListener('submit', event => {
  event.preventDefault();
  ask('set-delay', Number($('delay').value));
});
$('again').addEventListener('click', () => ask('run-again'));

function setLive(live) {
  $('connection').className = `pill ${live ? 'live' : 'lost'}`;
  say('connection', !live ? (view ? 'connection lost' : 'not connected') : view.ended ? 'ended' : view.pace === 'pause' ? 'paused' : 'live');
  document.body.classList.toggle('stale', !live);
  $('lost').hidden = live;
  if (!live) { say('lost', 'The connection to the program is lost. This page tries again by itself.'); }
}

// A page that nobody sees reads nothing: a browser has few connections to one server.
function connect() {
  clearTimeout(retry);
  source?.close();
  source = null;
  if (document.hidden) { return; }
  source = new EventSource('events');
  source.addEventListener('message', event => {
    heard = performance.now();
    take(JSON.parse(event.data), event.lastEventId === '1');
    setLive(true);
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
loadDigits();
connect();
