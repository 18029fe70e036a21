/** HTML that is safe to put into a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | null | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What no page may hold: control characters, halves of surrogate pairs, characters that turn the direction of text. */
const UNFIT = /[^\t\n\r\u0020-\u007e\u00a0-\u2029\u202f-\u2065\u206a-\u{d7ff}\u{e000}-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text as a page shows it: markup in it has no effect. */
export function escapeHtml(text: string): string {
  return text.replace(UNFIT, '\ufffd').replace(/[&<>"']/g, (one) => ENTITIES[one]!);
}

function textOf(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return content.map(textOf).join('');
}

/** Tag of a template: whatever is put in is escaped, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.map((text, index) => text + textOf(values[index] ?? null)).join(''));
}
