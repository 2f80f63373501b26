'use strict';
// The devices with their state, which may be silence since the newest message.
function withStates(s) {
  const silent = d => d.state !== 'left' && Date.parse(s.at) - Date.parse(d.lastSeen) > 1000 * s.quietAfterSeconds;
  return [...devices.values()].map(d => ({ ...d, state: silent(d) ? 'quiet' : d.state }));
}

// What each device answers, for those who own it. All that devices say is text, never markup.
function showNow(s) {
  const compare = new Intl.Collator('en', { numeric: true }).compare, today = new Date(s.at).toDateString();
  const clock = time => {
    const at = new Date(time), hour = at.toLocaleTimeString('en-GB');
    return at.toDateString() === today ? hour : `${at.toLocaleDateString('en-CA')} ${hour}`;
  };
  const real = v => Math.abs(v) < 100 ? String(+v.toPrecision(3)) : number(Math.round(v));
  const answer = n => n.class === undefined ? (n.value ?? null) === null ? '–' : `${real(n.value)} ${n.unit ?? ''}`.trim()
    : n.class + ((n.confidence ?? null) === null ? '' : ` ${Math.round(100 * n.confidence)} %`);
  const all = withStates(s).sort((a, b) => compare(a.name, b.name) || a.id - b.id);
  $('machines').hidden = all.length === 0;
  fill($('now'), all.slice(0, showsAll ? all.length : rowsFirst).map(d => {
    const n = d.now ?? {}, old = d.state === 'quiet' || d.state === 'left' ? ' old' : '';
    return [
      [d.name, 'name'],
      [answer(n), `answer${old}`, 'answer'],
      [n.since === undefined ? '–' : clock(n.since), old.trim(), 'since'],
      [n.alert === undefined ? '–' : `${n.alert}${n.alertAt === undefined ? '' : `, ${clock(n.alertAt)}`}`, '', 'last alert'],
      [span((Date.parse(s.at) - Date.parse(d.lastSeen)) / 1000) + (d.state === 'left' ? ', left' : old && ', silent'), '', 'last seen'],
      [n.waiting > 0 ? plural(n.waiting, 'window') : '–', 'label', 'wait for a label'],
      [n.label ?? '–', 'label words', 'label them with'],
      [n.where ?? '–', 'where', 'layers'],
    ];
  }));
  const waits = all.some(d => d.now?.waiting > 0), mute = all.every(d => d.now?.class === undefined && d.now?.value === undefined);
  $('now').classList.toggle('labelled', !waits);
  $('now').classList.toggle('whole', all.every(d => d.now?.where === undefined));
  say('now-note', waits ? `CLASS: ${s.classes === '' ? 'a class of the sensor\'s file' : s.classes}. --from and --to are times of the rows.`
    : mute ? 'No device says what it answers: with the key answer, or with anomalies, in its sensor.yaml it does.' : '');
}
