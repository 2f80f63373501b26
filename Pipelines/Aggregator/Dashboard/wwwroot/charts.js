'use strict';
// Curves that grow with each message, drawn with the colors of the style sheet.
const charts = (() => {
  const height = 190;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const all = [];

  function create(place, lines, options) {
    const chart = { host: document.getElementById(place), lines, options, plot: null, data: null };
    all.push(chart);
    return chart;
  }

  const clock = seconds => new Date(seconds * 1000).toLocaleTimeString('en-GB');
  const whole = n => Number.isInteger(n) ? n.toLocaleString('en') : '';

  function settings(chart) {
    const { time, unit, range, floor = 1 } = chart.options;
    const name = time ? clock : whole;
    const axis = () => ({ stroke: color('soft'), grid: { stroke: color('grid'), width: 1 }, ticks: { show: false },
      font: '12px system-ui, sans-serif', gap: 6 });
    return {
      width: widthOf(chart), height, padding: [10, 14, 0, 0],
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: range || ((u, min, max) => [0, Math.max(max * 1.08, floor)]) } },
      axes: [
        { ...axis(), size: 28, space: time ? 90 : 50, incrs: time ? [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 21600, 86400] : undefined,
          values: (u, ticks) => ticks.map(name) },
        { ...axis(), size: 58, values: (u, ticks) => ticks.map(unit) }],
      series: [{ label: time ? 'time' : 'version', value: (u, v) => v === null || v === undefined ? '–' : name(v) },
        ...chart.lines.map(line => ({
          label: line.label, stroke: color(line.color), width: 2, dash: line.dash,
          points: { show: u => !time && u.data[0].length < 40, size: 5 },
          value: (u, v) => v === null || v === undefined ? '–' : unit(v),
        }))],
    };
  }

  const widthOf = chart => Math.max(200, chart.host.clientWidth);

  // Draws the points; says instead what is missing where there are none.
  function draw(chart, data, empty) {
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
      chart.plot = new uPlot(settings(chart), data, chart.host);
      const canvas = chart.host.querySelector('canvas');
      canvas.setAttribute('role', 'img');
    }

    const last = data[0].length - 1;
    if (chart.plot.cursor.idx === null || chart.plot.cursor.idx === undefined) { chart.plot.setLegend({ idx: last }, false); }
    chart.host.querySelector('canvas').setAttribute('aria-label', chart.lines
      .map((line, i) => `${line.label}: ${data[i + 1][last] === null ? 'not known' : chart.options.unit(data[i + 1][last])}`).join(', '));
  }

  function again() {
    for (const chart of all) {
      if (!chart.plot) { continue; }
      chart.plot.destroy();
      chart.plot = null;
      draw(chart, chart.data, chart.empty);
    }
  }

  dark.addEventListener('change', again);
  new ResizeObserver(() => {
    for (const chart of all) {
      if (chart.plot && chart.plot.width !== widthOf(chart)) { chart.plot.setSize({ width: widthOf(chart), height }); }
    }
  }).observe(document.body);
  return { create, draw };
})();
