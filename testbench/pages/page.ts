import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { toolVersion } from '../runtime/package';
import { COMPONENT_SCRIPT } from './componentScript';
import { type Content, html, Markup } from './markup';
import { PLOT_SCRIPT } from './plotScript';
import type { Plot } from './plot';
import { PAGE_STYLE } from './style';

/** A part of a page with a heading, to which the list of contents leads. */
export interface Section {
  /** Id of its element. Letters, digits and `-`. */
  readonly id: string;
  readonly heading: string;
  readonly content: Content;
}

/** Contents of a page. */
export interface Page {
  /** Title of the document. */
  readonly title: string;
  /** The first line of the page. Default: the title. */
  readonly heading?: Content;
  /** Text below the heading: the subject of the run, its date and its outcome. */
  readonly lead: Content;
  /** Sections, and what stands between them. */
  readonly sections: readonly (Section | Markup | null)[];
  /** Wider than a text needs, for tables of many columns. */
  readonly wide?: boolean;
  /** Rules of this page alone. */
  readonly style?: string;
  /** Script of this page alone, which runs after those of the components. */
  readonly script?: string;
  /** The plots that `plotFigure` has placed, by index. */
  readonly plots?: readonly Plot[];
  /** Versions of the tool that made what the page shows. Default: this one. */
  readonly versions?: readonly string[];
}

/** From this many sections on, a page has a list of contents. */
const SECTIONS_WITH_CONTENTS = 3;

/** Reads a file of the library that draws the plots. */
function libraryFile(name: string): string {
  return readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');
}

/**
 * Builds a Content Security Policy that allows the page's own style and scripts and nothing else: no network access,
 * and no effect for markup that came in with a text.
 */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`).join(' ');
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${hashes}; base-uri 'none'; form-action 'none'`;
}

/** Text of a JSON value within a script element: no text in it can end the element. */
function inScript(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replace(/</g, '\\u003c'));
}

/** A moment in ISO 8601 as people read it: to the second, in UTC. */
export function momentText(moment: string): string {
  return moment.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

function contentsList(all: readonly (Section | Markup)[]): Markup | null {
  const sections = all.filter((one): one is Section => !(one instanceof Markup));
  if (sections.length < SECTIONS_WITH_CONTENTS) return null;
  const links = sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`);
  return html`<nav class="contents" aria-label="Contents"><ul>${links}</ul></nav>
`;
}

function sectionMarkup(section: Section | Markup): Markup {
  if (section instanceof Markup) return section;
  const { id, heading, content } = section;
  return html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${heading}</h2>
${content}</section>
`;
}

/** Builds a page: one self-contained file that needs no network, and that shows everything without scripts too. */
export function pageText(page: Page): string {
  const { title, heading = title, lead, wide = false, style = '', script, plots = [] } = page;
  const { versions = [toolVersion()] } = page;
  const sections = page.sections.filter((one) => one !== null);
  const drawn = plots.length > 0;
  const scripts = [
    COMPONENT_SCRIPT,
    ...(drawn ? [libraryFile('uPlot.iife.min.js'), PLOT_SCRIPT] : []),
    ...(script === undefined ? [] : [script]),
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Markup(drawn ? libraryFile('uPlot.min.css') : '')}${new Markup(PAGE_STYLE)}${new Markup(style)}</style>
</head>
<body${wide ? html` class="wide-page"` : null}>
<a class="unseen" href="#content">Skip to the content</a>
<header><h1>${heading}</h1>
${lead}
${contentsList(sections)}</header>
<main id="content" tabindex="-1">
${sections.map(sectionMarkup)}</main>
<footer class="faint">Made by avp-testbench ${versions.join(', ')}.${drawn ? ' Plots: uPlot, © Leon Sorokin, MIT licence.' : ''}</footer>
${drawn ? html`<script type="application/json" id="plots">${inScript(plots)}</script>\n` : null}${scripts.map((one) => html`<script>${new Markup(one)}</script>\n`)}</body>
</html>
`.text;
}
