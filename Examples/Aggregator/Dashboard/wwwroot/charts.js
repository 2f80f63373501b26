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

  function settings(chart) {
    const axis = () => ({ stroke: color('soft'), grid: { stroke: color('grid'), width: 1 }, ticks: { stroke: color('grid') },
      font: '12px system-ui, sans-serif' });
    const { time, unit, range } = chart.options;
    return {
      width: Math.max(200, chart.host.clientWidth), height,
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: !!time }, y: { range: range || ((u, min, max) => [0, Math.max(max * 1.08, options_floor(chart))]) } },
      axes: [{ ...axis(), values: time ? undefined : (u, ticks) => ticks.map(t => Number.isInteger(t) ? t.toLocaleString('en') : '') },
        { ...axis(), size: 56, values: (u, ticks) => ticks.map(unit) }],
      series: [{ label: time ? 'time' : 'version', value: time ? '{HH}:{mm}:{ss}' : (u, v) => v === null ? '–' : v.toLocaleString('en') },
        ...chart.lines.map(line => ({
          label: line.label, stroke: color(line.color), width: 2, dash: line.dash, points: { show: u => u.data[0].length < 40, size: 5 },
          value: (u, v) => v === null || v === undefined ? '–' : unit(v),
        }))],
    };
  }

  const options_floor = chart => chart.options.floor || 1;

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
    for (const { plot, host } of all) {
      if (plot && plot.width !== Math.max(200, host.clientWidth)) { plot.setSize({ width: Math.max(200, host.clientWidth), height }); }
    }
  }).observe(document.body);
  return { create, draw };
})();
