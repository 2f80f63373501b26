'use strict';
// Curves, bars and heat maps, drawn by uPlot in the colors of the style sheet. A page has each as JSON in its place, or feeds curves.
const charts = (() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const letters = () => getComputedStyle(document.body).fontFamily;
  const tints = new Map();
  const color = name => tints.get(name)
    ?? tints.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()).get(name);
  const clock = seconds => new Date(seconds * 1000).toLocaleTimeString('en-GB');
  const whole = n => Number.isInteger(n) ? n.toLocaleString('en') : '';
  const none = v => v === null || v === undefined;
  const short = text => text.length > 20 ? `${text.slice(0, 19)}…` : text;
  const widthOf = chart => Math.max(100, chart.host.clientWidth);
  const axis = more => ({ stroke: color('muted'), grid: { stroke: color('grid'), width: 1 }, ticks: { show: false },
    font: `12px ${letters()}`, labelFont: `12px ${letters()}`, labelSize: 18, gap: 6, ...more });
  const all = [];

  function add(chart) {
    all.push(chart);
    return chart;
  }

  const create = (place, lines, options) =>
    add({ host: document.getElementById(place), lines, options, settings: curves, height: options.height ?? 190 });

  function curves(chart) {
    const { time, unit, range, floor = 1, x, right = 14, hooks, joined, smooth } = chart.options;
    const name = time ? clock : x ? v => `${+v.toFixed(1)} ${x.short ?? 's'}` : whole;
    return {
      padding: [10, right, 0, 0],
      cursor: { y: false, drag: { x: !joined, y: false }, ...joined && { dataIdx: nearest } },
      legend: { markers: { stroke: (u, i) => color(chart.lines[i - 1]?.color) } },
      scales: { x: { time: false, ...x && { range: (u, min, max) => [0, (x.high ?? max) || 1] } },
        y: { range: range || ((u, min, max) => [0, Math.max(max * 1.08, floor)]) } },
      axes: [
        axis({ size: 28, space: time ? 90 : 50, incrs: time ? [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 21600, 86400] : undefined,
          values: (u, ticks) => ticks.map(time ? clock : whole), label: x?.unit }),
        axis({ size: 58, values: (u, ticks) => ticks.map(unit) })],
      series: [{ label: x?.name ?? (time || x ? 'time' : 'version'), value: (u, v) => none(v) ? '–' : name(v) },
        ...chart.lines.map(line => ({
          label: line.label, stroke: color(line.color), width: smooth ? 1.25 : 2, alpha: smooth ? .35 : 1, dash: line.dash,
          points: { show: u => !time && u.data[0].length < 40, size: 5 },
          value: (u, v) => none(v) ? '–' : unit(v),
        }))],
      hooks,
    };
  }

  // The nearest point of a curve: curves need not have the same times.
  function nearest(u, series, at) {
    const values = u.data[series];
    for (let reach = 0; reach < values.length; reach++) {
      for (const i of [at - reach, at + reach]) { if (!none(values[i])) { return i; } }
    }
    return at;
  }

  function write(u, text, x, y, align, bold, size = 12) {
    const { ctx } = u;
    ctx.save();
    Object.assign(ctx, { font: `${bold ? 600 : 400} ${size * uPlot.pxRatio}px ${letters()}`, textAlign: align, textBaseline: 'middle',
      lineWidth: 4 * uPlot.pxRatio, lineJoin: 'round', strokeStyle: color('paper'), fillStyle: color('ink') });
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
    ctx.restore();
  }

  function line(u, points, tint, width, dash = []) {
    const { ctx } = u;
    ctx.save();
    ctx.beginPath();
    Object.assign(ctx, { strokeStyle: color(tint), lineWidth: width * uPlot.pxRatio, lineJoin: 'round', lineCap: 'round' });
    ctx.setLineDash(dash.map(d => d * uPlot.pxRatio));
    let isDown = false;
    for (const [x, y] of points) {
      if (y !== null) { ctx[isDown ? 'lineTo' : 'moveTo'](x, y); }
      isDown = y !== null;
    }
    ctx.stroke();
    ctx.restore();
  }

  function dot(u, x, y, size, fill, edge) {
    const { ctx } = u;
    ctx.save();
    ctx.beginPath();
    ctx.arc(x, y, size * uPlot.pxRatio, 0, 7);
    Object.assign(ctx, { fillStyle: color(fill), strokeStyle: color(edge), lineWidth: 2 * uPlot.pxRatio });
    ctx.fill();
    ctx.stroke();
    ctx.restore();
  }

  // Text beside the cursor; empty: none.
  function tip(u, text) {
    const place = u.over.querySelector('.tip') ?? u.over.appendChild(document.createElement('div'));
    const { left, top } = u.cursor, isRight = u.over.getBoundingClientRect().left + left > innerWidth / 2;
    place.className = 'tip';
    place.hidden = !text;
    place.textContent = text;
    Object.assign(place.style, { top: `${top}px`, left: isRight ? '' : `${left + 12}px`,
      right: isRight ? `${u.over.clientWidth - left + 12}px` : '' });
  }

  // The mean of up to nine points around each.
  const means = points => points.map(([x, y], i) => {
    const reach = Math.min(4, i, points.length - 1 - i);
    const near = points.slice(i - reach, i + reach + 1).map(p => p[1]).filter(v => v !== null);
    return [x, y === null ? null : near.reduce((sum, v) => sum + v, 0) / near.length];
  });

  function ofCurves(spec) {
    const { isSmooth: smooth, marks = [], low, high, level, levelText, xUnit, xHigh, xShort, xName } = spec;
    const given = spec.curves.map(c => ({ ...c, points: c.points.filter(p => p[0] !== null) })).filter(c => c.points.length > 0);
    const unit = v => spec.unit === '%' ? `${+(100 * v).toFixed(1)} %` : String(+v.toPrecision(3));
    const drawn = u => {
      const ratio = uPlot.pxRatio, { left, top, width, height } = u.bbox;
      const at = ([x, y]) => [u.valToPos(x, 'x', true), y === null ? null : u.valToPos(y, 'y', true)];
      const goal = none(level) ? 0 : at([0, level])[1];
      if (goal) { line(u, [[left, goal], [left + width, goal]], 'ink', 1, [2, 4]); }
      if (smooth) { for (const c of given) { line(u, means(c.points).map(at), c.color, 2.25); } }
      marks.forEach((mark, i) => {
        const [x, y] = at([mark.x, mark.y]), isRight = x > left + .55 * width;
        line(u, [[x, y], [x, top + height]], mark.color, 1, [3, 3]);
        dot(u, x, y, 4.5, 'paper', mark.color);
        write(u, mark.text, x + (isRight ? -6 : 6) * ratio, top + height - (12 + 16 * i) * ratio, isRight ? 'right' : 'left', true);
      });
      if (goal) { write(u, levelText, left + width - 2 * ratio, goal + 11 * ratio, 'right'); }
      let free = 0;
      const ends = given.map(c => ({ ...c, end: c.points.filter(p => p[1] !== null).at(-1) })).filter(c => c.end)
        .map(c => ({ ...c, end: at((smooth ? means(c.points) : c.points)[c.points.indexOf(c.end)]) }));
      for (const { name, color: tint, end: [x, y] } of ends.sort((a, b) => a.end[1] - b.end[1])) {
        dot(u, x, y, 2, tint, tint);
        write(u, name, x + 8 * ratio, free = Math.max(y, free + 16 * ratio), 'left', true);
      }
    };
    const rest = u => u.setLegend({ idxs: u.series.map((s, i) => nearest(u, i, u.data[0].length - 1)) }, false);
    return {
      lines: given.map(c => ({ label: c.name, color: c.color })),
      data: given.length === 0 ? null : uPlot.join(given.map(c => [c.points.map(p => p[0]), c.points.map(p => p[1])])),
      settings: curves, height: spec.height ?? 320,
      options: {
        unit, smooth, joined: true, floor: .01, right: 62, x: { unit: xUnit, high: xHigh, short: xShort, name: xName },
        range: none(high) ? undefined : [low ?? 0, high],
        hooks: { draw: [drawn], ready: [rest], setCursor: [u => { if (none(u.cursor.idx)) { rest(u); } }] },
      },
    };
  }

  // Bars as cells: side by side, or one behind the other where a row has a total.
  const pieces = ({ rows, bars, totals }, lanes, rowHeight) => rows.flatMap((name, row) => {
    let end = 0;
    return bars.map((bar, b) => {
      const from = totals ? end : 0, top = row + (4.5 + (totals ? 0 : 12 * b)) / rowHeight;
      end = from + (bar.values[row] ?? 0);
      return { row, top, high: 9 / rowHeight, from, to: end, color: bar.color, alpha: 1, tip: `${name}: ${bar.name} ${bar.texts[row]}`,
        label: !totals ? bar.texts[row] : b === bars.length - 1 ? totals[row] : '' };
    });
  });

  function ofCells(spec) {
    const { rows, bars, totals, unit, shades = [], dots = [], ticks = [], tips } = spec;
    const lanes = bars && !totals ? bars.length : 1, rowHeight = spec.rowHeight ?? 9 + 12 * lanes;
    const cells = bars ? pieces(spec, lanes, rowHeight) : spec.cells.map(([row, from, width, alpha], i) => ({
      row, top: row + .1, high: .8, from, to: from + width, color: spec.color, alpha,
      tip: `${rows[row]}: ${tips ? tips[i] : `${unit} ${from}, ${shades.find(s => s.alpha === alpha)?.name}`}` }));
    const range = [spec.low ?? 0, spec.high ?? (Math.max(0, ...cells.map(c => c.to)) || 1)];
    const legend = bars && new Set(bars.map(b => b.name)).size > 1 ? bars : shades.map(s => ({ ...s, color: spec.color }));
    const drawn = u => {
      const { ctx } = u, ratio = uPlot.pxRatio, { left, width } = u.bbox;
      const [X, Y] = [x => u.valToPos(x, 'x', true), y => u.valToPos(y, 'y', true)];
      for (const c of cells) {
        ctx.save();
        Object.assign(ctx, { fillStyle: color(c.color), globalAlpha: c.alpha });
        ctx.fillRect(X(c.from), Y(c.top), X(c.to) - X(c.from), Y(c.top + c.high) - Y(c.top));
        ctx.restore();
        if (c.label) { write(u, c.label, X(c.to) + 5 * ratio, Y(c.top + c.high / 2), 'left', false, 11); }
      }
      if (!bars) { totals?.forEach((text, row) => write(u, text, left + width + 8 * ratio, Y(row + .5), 'left', false, 11)); }
      ticks.forEach((x, row) => line(u, [[X(x), Y(row + .15)], [X(x), Y(row + .85)]], 'ink', 2));
      dots.forEach((x, row) => dot(u, X(x), Y(row + .5), 3.5, 'ink', 'paper'));
    };
    const under = u => {
      const { left, top } = u.cursor, x = u.posToVal(left, 'x'), y = u.posToVal(top, 'y');
      const here = left < 0 ? [] : cells.filter(c => c.top <= y && y < c.top + c.high);
      return (here.find(c => c.from <= x && x < c.to) ?? (bars ? here.at(-1) : undefined))?.tip ?? '';
    };
    return {
      data: rows.length === 0 ? null : [range, ...(legend.length > 1 ? legend : [0]).map(() => [null, null])],
      height: rows.length * rowHeight + (unit ? 54 : 6),
      settings: () => ({
        padding: [4, spec.right ?? (bars || totals ? 72 : 8), unit ? 0 : 2, 0],
        cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
        legend: { show: legend.length > 1, live: false, markers: { width: 0, fill: (u, i) => legend[i - 1]
          && `color-mix(in srgb, ${color(legend[i - 1].color)} ${100 * (legend[i - 1].alpha ?? 1)}%, transparent)` } },
        scales: { x: { time: false, range }, y: { dir: -1, range: [0, rows.length] } },
        axes: [axis({ show: !!unit, size: 28, space: 75, values: (u, at) => at.map(whole), label: unit, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3,
          2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7] }),
        axis({ size: Math.min(148, 16 + 6.6 * Math.max(0, ...rows.map(r => short(r).length))), grid: { show: false },
          border: { show: true, stroke: color('edge'), width: 1 }, splits: rows.map((r, i) => i + .5),
          values: () => rows.map((r, i) => rowHeight < 12 && i % 2 ? '' : short(r)) })],
        series: [{}, ...(legend.length > 1 ? legend : [{}]).map(l => ({ label: l.name, stroke: 'transparent' }))],
        hooks: { draw: [drawn], setCursor: [u => tip(u, under(u))] },
      }),
    };
  }

  // Draws the points; says instead what is missing where there are none.
  function draw(chart, data, empty = '') {
    chart.data = data;
    chart.empty = empty;
    if (!data || data[0].length === 0) {
      chart.plot?.destroy();
      chart.plot = null;
      if (chart.host.firstChild?.textContent !== empty) {
        const text = document.createElement('p');
        text.textContent = empty;
        chart.host.replaceChildren(text);
      }
      return;
    }

    if (chart.plot) { chart.plot.setData(data); }
    else {
      chart.host.replaceChildren();
      chart.plot = new uPlot({ width: widthOf(chart), height: chart.height, ...chart.settings(chart) }, data, chart.host);
      chart.host.querySelector('canvas').setAttribute('role', 'img');
    }

    const last = data[0].length - 1;
    queueMicrotask(() => {       // after uPlot's own
      if (!chart.label && chart.plot && none(chart.plot.cursor.idx)) { chart.plot.setLegend({ idx: last }, false); }
    });
    chart.host.querySelector('canvas').setAttribute('aria-label', chart.label ?? chart.lines
      .map((line, i) => `${line.label}: ${data[i + 1][last] === null ? 'not known' : chart.options.unit(data[i + 1][last])}`).join(', '));
  }

  function again() {
    tints.clear();
    for (const chart of all) {
      if (!chart.plot) { continue; }
      chart.plot.destroy();
      chart.plot = null;
      draw(chart, chart.data, chart.empty);
    }
  }

  // Control letters, which could reverse the text around them, are replaced.
  const plain = (key, value) => typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd') : value;
  for (const script of document.querySelectorAll('.chart > script')) {
    const spec = JSON.parse(script.textContent, plain), host = script.parentElement;
    const chart = add({ host, label: spec.label, ...spec.curves ? ofCurves(spec) : ofCells(spec) });
    draw(chart, chart.data);
  }

  dark.addEventListener('change', again);
  new ResizeObserver(() => {
    for (const chart of all) {
      if (chart.plot && chart.plot.width !== widthOf(chart)) { chart.plot.setSize({ width: widthOf(chart), height: chart.height }); }
    }
  }).observe(document.body);
  return { create, draw };
})();
