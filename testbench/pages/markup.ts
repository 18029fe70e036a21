/** HTML that needs no escaping. */
export class Markup {
  constructor(readonly text: string) {}
}

/** Content of an HTML element. Text and numbers are escaped; null is left out. */
export type Content = Markup | string | number | null | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Characters that pages must not contain: control characters, lone surrogates, and characters that change the
 * text direction.
 */
const UNFIT = /[^\t\n\r\u0020-\u007e\u00a0-\u2029\u202f-\u2065\u206a-\u{d7ff}\u{e000}-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Escapes text so that markup in it has no effect. Replaces forbidden characters. */
export function escapeHtml(text: string): string {
  return text.replace(UNFIT, '\ufffd').replace(/[&<>"']/g, (one) => ENTITIES[one]!);
}

function textOf(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return content.map(textOf).join('');
}

/** Template tag that escapes every inserted value, except for values that are `Markup` already. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.map((text, index) => text + textOf(values[index] ?? null)).join(''));
}
