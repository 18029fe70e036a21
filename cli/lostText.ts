/** Writes counts by cause, `host lostAtDetach 3, switch moving 5`; a dash for none. */
export function lostText(lost: Readonly<Record<string, number>>): string {
  const causes = Object.entries(lost).map(([cause, count]) => `${cause} ${count}`);
  return causes.length === 0 ? '-' : causes.join(', ');
}
