/**
 * Script of the page, which runs after uPlot. Draws each plot into its figure in the colours of the theme, and again
 * when theme or width change. Without it the page still has its tables.
 */
export const PLOT_SCRIPT = `
'use strict';
(() => {
  const plots = JSON.parse(document.getElementById('plots').textContent);
  const DASH = { ours: [], c: [8, 4], dpdk: [2, 3] };
  const HEIGHT = 260;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const short = (value) => value === null || value === undefined ? '' : Number(value.toPrecision(3)).toString();
  const live = new Map();

  // The spread of each point: a line from the least to the largest of its runs.
  const whiskers = (plot) => (u) => {
    const { ctx } = u;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    plot.curves.forEach((curve, index) => {
      if (!u.series[index + 1].show) return;
      ctx.strokeStyle = color(curve.who);
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

  const axis = (label, more) => ({
    stroke: color('faint'), grid: { stroke: color('line'), width: 1 }, ticks: { stroke: color('line'), width: 1 },
    label, labelSize: 22, font: '12px system-ui, sans-serif', labelFont: '12px system-ui, sans-serif', ...more,
  });

  // All bars are inside; a linear axis begins at 0.
  const yRange = (plot) => {
    const ends = plot.curves.flatMap(({ leasts, mosts }) => [...leasts, ...mosts]).filter((value) => value !== null && value > 0);
    return [plot.yScale === 'log' ? Math.min(...ends) / 1.2 : 0, Math.max(...ends) * 1.1];
  };
  // 1, 2 and 5 of each power of ten.
  const logSplits = ([low, high]) => {
    const all = [];
    for (let ten = 10 ** Math.floor(Math.log10(low)); ten <= high; ten *= 10) all.push(ten, 2 * ten, 5 * ten);
    return all.filter((value) => value >= low && value <= high);
  };

  const optionsOf = (plot, width) => {
    const isLog = plot.scale === 'log';
    const [first, last] = [plot.x[0], plot.x[plot.x.length - 1]];
    const range = isLog ? [first / 1.2, last * 1.2] : [first - 0.5, last + 0.5];
    return {
      width, height: HEIGHT, padding: [12, 12, 0, 0],
      cursor: { drag: { x: false, y: false }, points: { size: 8 } },
      scales: {
        x: { time: false, distr: isLog ? 3 : 1, log: 2, range: () => range },
        y: { distr: plot.yScale === 'log' ? 3 : 1, range: () => yRange(plot) },
      },
      series: [
        { label: plot.xTitle, value: (u, x) => plot.labels[plot.x.indexOf(x)] ?? '' },
        ...plot.curves.map((curve) => ({
          label: curve.name, stroke: color(curve.who), width: curve.who === 'ours' ? 2.5 : 1.5, dash: DASH[curve.who],
          paths: isLog ? undefined : () => null,
          points: { show: true, size: curve.who === 'ours' ? 8 : 6, fill: curve.who === 'ours' ? color(curve.who) : color('page') },
          value: (u, y) => short(y),
        })),
      ],
      axes: [
        axis(plot.xTitle, { splits: () => plot.x, values: () => plot.labels, space: 0, gap: 4, size: 34 }),
        axis(plot.yTitle, {
          size: 52,
          values: (u, splits) => splits.map(short),
          ...(plot.yScale === 'log' ? { splits: () => logSplits(yRange(plot)) } : {}),
        }),
      ],
      hooks: { draw: [whiskers(plot)] },
    };
  };

  const dataOf = (plot) => [plot.x, ...plot.curves.map(({ values }) => values)];

  const draw = (place) => {
    live.get(place)?.destroy();
    const plot = plots[Number(place.dataset.plot)];
    live.set(place, new uPlot(optionsOf(plot, place.clientWidth), dataOf(plot), place));
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
})();
`;
