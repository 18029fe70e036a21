/**
 * Script that draws the plots, which runs after uPlot. Draws each plot into its figure in the colours of the theme, and
 * again when theme or width change. Plots over time show the same part of it: a part that is dragged with the pointer,
 * or chosen from the list of parts (`data-parts`).
 */
export const PLOT_SCRIPT = `
'use strict';
(() => {
  const plots = JSON.parse(document.getElementById('plots').textContent);
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 2], [12, 4], [1, 3], [6, 6]];
  const HEIGHT = 260;
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const colorOf = (curve) => style('curve-' + curve.color);
  const short = (value) => value === null || value === undefined ? '' : Number(value.toPrecision(3)).toString();
  const exact = (value) => value === null || value === undefined ? '' : Number(value.toFixed(3)).toString();
  const live = new Map();
  /** Part of the time that all plots over time show; null for all of it. */
  let part = null;

  // The spread of each point: a line from the least to the largest of its runs.
  const whiskers = (plot) => (u) => {
    const { ctx } = u;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    plot.curves.forEach((curve, index) => {
      if (!u.series[index + 1].show || curve.leasts === undefined) return;
      ctx.strokeStyle = colorOf(curve);
      plot.x.forEach((x, at) => {
        if (curve.values[at] === null) return;
        const place = u.valToPos(x, 'x', true);
        ctx.beginPath();
        ctx.moveTo(place, u.valToPos(curve.leasts[at], 'y', true));
        ctx.lineTo(place, u.valToPos(curve.mosts[at], 'y', true));
        ctx.stroke();
      });
    });
    ctx.restore();
  };

  const bands = (plot) => (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.fillStyle = style('band');
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const { from, to } of plot.bands ?? []) {
      const left = u.valToPos(from, 'x', true);
      ctx.fillRect(left, bbox.top, Math.max(1, u.valToPos(to, 'x', true) - left), bbox.height);
    }
    ctx.restore();
  };

  const axis = (label, more) => ({
    stroke: style('faint'), grid: { stroke: style('line'), width: 1 }, ticks: { stroke: style('line'), width: 1 },
    label, labelSize: 22, font: '12px system-ui, sans-serif', labelFont: '12px system-ui, sans-serif', ...more,
  });

  // All bars are inside; a linear axis begins at 0.
  const yRange = (plot) => {
    const ends = plot.curves.flatMap(({ values, leasts = [], mosts = [] }) => [...values, ...leasts, ...mosts])
      .filter((value) => value !== null && value > 0);
    const most = ends.reduce((one, other) => Math.max(one, other), 0);
    const least = ends.reduce((one, other) => Math.min(one, other), most);
    return [plot.yScale === 'log' ? least / 1.2 : 0, most === 0 ? 1 : most * 1.1];
  };
  // 1, 2 and 5 of each power of ten.
  const logSplits = ([low, high]) => {
    const all = [];
    for (let ten = 10 ** Math.floor(Math.log10(low)); ten <= high; ten *= 10) all.push(ten, 2 * ten, 5 * ten);
    return all.filter((value) => value >= low && value <= high);
  };

  const pointSeries = (plot, curve) => ({
    paths: plot.scale === 'log' ? undefined : () => null,
    width: curve.color === 1 ? 2.5 : 1.5,
    points: { show: true, size: curve.color === 1 ? 8 : 6, fill: curve.color === 1 ? colorOf(curve) : style('page') },
    value: (u, y) => short(y),
  });
  const timeSeries = () => ({
    paths: uPlot.paths.stepped({ align: 1 }), width: 1.5, points: { show: false }, value: (u, y) => exact(y),
  });

  const wholeOf = ({ scale, x }) => {
    const [first, last] = [x[0], x[x.length - 1]];
    if (scale === 'log') return [first / 1.2, last * 1.2];
    return scale === 'names' ? [first - 0.5, last + 0.5] : [first, last > first ? last : first + 1];
  };

  const optionsOf = (plot, width) => {
    const isLog = plot.scale === 'log';
    const isTime = plot.scale === 'time';
    return {
      width, height: HEIGHT, padding: [12, 12, 0, 0],
      cursor: {
        drag: { x: isTime, y: false }, points: { size: 8 },
        ...(isTime ? { sync: { key: 'time', setSeries: false, scales: ['x', null] } } : {}),
      },
      scales: {
        x: { time: false, distr: isLog ? 3 : 1, log: 2, range: (u, low, high) => isTime && low !== null ? [low, high] : wholeOf(plot) },
        y: { distr: plot.yScale === 'log' ? 3 : 1, range: () => yRange(plot) },
      },
      series: [
        { label: plot.xTitle, value: (u, x) => x === null ? '' : plot.labels === undefined ? exact(x) : plot.labels[plot.x.indexOf(x)] ?? '' },
        ...plot.curves.map((curve) => ({
          label: curve.name, stroke: colorOf(curve), dash: DASHES[curve.color - 1],
          ...(isTime ? timeSeries() : pointSeries(plot, curve)),
        })),
      ],
      axes: [
        axis(plot.xTitle, isTime ? { size: 34, values: (u, splits) => splits.map(exact) } : { splits: () => plot.x, values: () => plot.labels, space: 0, gap: 4, size: 34 }),
        axis(plot.yTitle, {
          size: 52,
          values: (u, splits) => splits.map(short),
          ...(plot.yScale === 'log' ? { splits: () => logSplits(yRange(plot)) } : {}),
        }),
      ],
      hooks: { drawClear: [bands(plot)], draw: [whiskers(plot)] },
    };
  };

  const dataOf = (plot) => [plot.x, ...plot.curves.map(({ values }) => values)];
  const plotAt = (place) => plots[Number(place.dataset.plot)];

  const showPart = (u, plot) => {
    const [min, max] = part ?? wholeOf(plot);
    u.setScale('x', { min, max });
  };

  const draw = (place) => {
    live.get(place)?.destroy();
    live.delete(place);
    const plot = plotAt(place);
    // In a fold that is closed there is no room.
    if (place.clientWidth === 0) return;
    const u = new uPlot(optionsOf(plot, place.clientWidth), dataOf(plot), place);
    live.set(place, u);
    if (plot.scale === 'time' && part !== null) showPart(u, plot);
  };

  const places = [...document.querySelectorAll('.plot')];
  const redraw = () => places.forEach(draw);
  const widths = new Map();
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (widths.get(target) === target.clientWidth) continue;
      widths.set(target, target.clientWidth);
      draw(target);
    }
  });
  places.forEach((place) => watch.observe(place));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('beforeprint', redraw);

  for (const list of document.querySelectorAll('select[data-parts]')) {
    list.closest('[hidden]')?.removeAttribute('hidden');
    list.addEventListener('change', () => {
      part = list.value === '' ? null : list.value.split(' ').map(Number);
      for (const [place, u] of live) if (plotAt(place).scale === 'time') showPart(u, plotAt(place));
    });
  }
})();
`;
