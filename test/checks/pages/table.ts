/** Tables in Markdown. */

/** Makes a text fit into the cell of a table. */
export function cell(text: string): string {
  return text.replace(/\|/g, '\\|');
}

export function code(text: string): string {
  return text === '' ? '' : `\`${cell(text)}\``;
}

/** A table with a line for each row, for the end of a paragraph. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
  return lines.join('');
}
