import { type Content, html, type Markup } from './markup';

/** Pieces of which all pages are made. Their style is in `style.ts`, their behaviour in `componentScript.ts`. */

/** Tone of a badge, which its colours follow. */
export type Tone = 'good' | 'bad' | 'quiet' | 'warn' | 'broken' | 'held';

/** A word in a coloured frame. @param sign tells tones apart without colour; screen readers leave it out. */
export function badge(tone: Tone, sign: string, text: string): Markup {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${text}</span>`;
}

/** A command with a button that copies it, which is hidden where scripts are off. */
export function command(text: string, what = 'the command'): Markup {
  return html`<div class="command"><pre class="replay">${text}</pre><button type="button" data-copy hidden aria-label="Copy ${what}">Copy</button></div>`;
}

/** Frame that opens and closes, with a heading. @param more shown beside the heading. */
export function fold(
  heading: Content,
  content: Content,
  { open = false, more = null, id, kind = '' }: FoldOptions = {},
): Markup {
  return html`<details class="fold ${kind}"${id === undefined ? null : html` id="${id}"`}${open ? html` open` : null}><summary><h3>${heading}</h3>${more}</summary>
${content}</details>
`;
}

/** Options of a fold. */
export interface FoldOptions {
  /** True for a fold that is open at first. Default: false. */
  readonly open?: boolean;
  /** Content beside the heading, which is visible while the fold is closed. */
  readonly more?: Content;
  /** Id of the element, for links. */
  readonly id?: string;
  /** Further classes of the element. */
  readonly kind?: string;
}

/** Details within a text, which open and close. */
export function subfold(summary: Content, content: Content, open = false): Markup {
  return html`<details class="subfold"${open ? html` open` : null}><summary>${summary}</summary>${content}</details>
`;
}

/** A column of a table. */
export interface Column {
  readonly head: string;
  /** Right-aligned, in digits of one width. */
  readonly number?: boolean;
  /** Never wrapped. */
  readonly short?: boolean;
}

/** Options of a table. */
export interface TableOptions {
  /** Id of the element, for links. */
  readonly id?: string;
  /**
   * A table of many columns scrolls within the page where the screen is narrow. Others put the cells of a row below
   * one another.
   */
  readonly scrolls?: boolean;
}

/**
 * A table. The first cell of each row names it.
 * @param label what the table is about, for screen readers.
 * @param rows cells of each row, one for each column. `null` is an empty cell.
 */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  { id, scrolls = false }: TableOptions = {},
): Markup {
  const kind = (index: number): Markup | null => {
    const { number = false, short = false } = columns[index]!;
    return number ? html` class="number"` : short ? html` class="short"` : null;
  };
  const heads = columns.map(({ head }, index) => html`<th scope="col" role="columnheader"${kind(index)}>${head}</th>`);
  const cell = (content: Content, index: number): Markup =>
    index === 0
      ? html`<th scope="row" role="rowheader"${kind(index)}>${content}</th>`
      : html`<td role="cell" data-head="${columns[index]!.head}"${kind(index)}>${content}</td>`;
  // Roles are named because a table whose cells are stacked is no table to a screen reader otherwise.
  const whole = html`<table class="table${scrolls ? '' : ' stack'}" role="table" aria-label="${label}"${id === undefined ? null : html` id="${id}"`}><thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${row.map(cell)}</tr>\n`)}</tbody></table>
`;
  return scrolls ? html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${whole}</div>` : whole;
}

/** A list of names and what they are. Leaves out what is `null`. */
export function facts(list: readonly (readonly [name: string, value: Content])[]): Markup {
  const known = list.filter(([, value]) => value !== null);
  return html`<dl class="facts">${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}

/** Says that what a page shows did not come to its end. @param text without a full stop. */
export function incompleteBanner(text: string, more: Content = null): Markup {
  return html`<div class="incomplete" role="alert"><p>${text}.</p>
${more}</div>
`;
}
