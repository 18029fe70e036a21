/** Values of fault parameters: numbers with units, as a script or a command line writes them. */
import { z } from 'zod';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };
const MAX_U32 = 0xffff_ffff;

/** A time in milliseconds: a number, or text such as `600`, `2s`, `5min`, `3h`. May be negative where `low` is. */
export function durationMs(standard: number, about: string, low = 0) {
  return z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      if (typeof value === 'number') return value;
      const [, digits, unit = 'ms'] = /^(-?\d+(?:\.\d+)?)(ms|s|min|h)?$/.exec(value.trim()) ?? [];
      if (digits !== undefined) return Number(digits) * MS[unit]!;
      context.addIssue({ code: 'custom', message: 'expected a time such as 600ms, 2s, 5min or 3h' });
      return z.NEVER;
    })
    .refine((ms) => Number.isFinite(ms) && ms >= low, `expected a time of at least ${low} ms`)
    .prefault(standard)
    .describe(about);
}

/** A whole number. Text may be decimal or hexadecimal. */
export function whole(standard: number, about: string, low = 0, high = MAX_U32) {
  return z
    .union([z.number(), z.string()])
    .transform((value) => (typeof value === 'string' && value.trim() === '' ? NaN : Number(value)))
    .refine(
      (value) => Number.isInteger(value) && value >= low && value <= high,
      `expected a whole number from ${low} to ${high}`,
    )
    .prefault(standard)
    .describe(about);
}

/** A percentage from 0 to 100: a number, or text such as `5%`. */
export function percent(standard: number, about: string) {
  return z
    .union([z.number(), z.string()])
    .transform((value) => (typeof value === 'number' ? value : Number(value.replace(/%$/, ''))))
    .refine((value) => value >= 0 && value <= 100, 'expected a percentage from 0 to 100')
    .prefault(standard)
    .describe(about);
}

/** One of several words. */
export function word<const W extends readonly [string, ...string[]]>(words: W, standard: W[number], about: string) {
  return z
    .enum(words)
    .prefault(standard as never)
    .describe(about);
}

/** Any text. */
export function text(standard: string, about: string) {
  return z.string().prefault(standard).describe(about);
}
