import { Linter, RuleTester, type ESLint, type Rule } from 'eslint';
import { parser } from 'typescript-eslint';
import { dialect } from '../../checks/dialect';

const SHAPE_ONLY = {
  languageOptions: { parser },
  plugins: { dialect: dialect as unknown as ESLint.Plugin },
  rules: { 'dialect/shape': 'error' },
} as Linter.Config;

const tester = new RuleTester({ languageOptions: { parser } });

/** The body of a loop function over three numbers. */
function body(text: string): string {
  return `export function f(a: u32, b: u32, c: u32): u32 { ${text} return 0; }`;
}

/** Invalid code with the expected messages, in order. */
function refused(code: string, ...messageIds: string[]): RuleTester.InvalidTestCase {
  return { code, errors: messageIds.map((messageId) => ({ messageId })) };
}

function refusedBody(text: string, ...messageIds: string[]): RuleTester.InvalidTestCase {
  return refused(body(text), ...messageIds);
}

/** Code that the shape rule refuses, however many messages it reports. */
function refusedShape(text: string): RuleTester.InvalidTestCase {
  const errors = new Linter().verify(body(text), SHAPE_ONLY).length;
  return { code: body(text), errors: Math.max(1, errors) };
}

tester.run('dialect/arithmetic', dialect.rules.arithmetic as unknown as Rule.RuleModule, {
  valid: [
    body('const d = (a - b) >>> 0;'),
    body('if (((a - b) >>> 0) < c) return 1;'),
    body('if (a <= b && c <= ((b - a) >>> 0)) return 1;'),
    body('const room = ((a - b - 1) & (c - 1)) >>> 0;'),
    body('let ones: u32 = (0 - (a & 1)) >>> 0;'),
    body('const q = ((a / b) >>> 0); const r = ((a % b) >>> 0); const p = ((a * b) >>> 0);'),
    body('const q = ((((a + b) >>> 0) / c) >>> 0);'),
    body('if ((a & b) === 0 || 0 !== (a ^ b)) return 1;'),
    body('const m = (~a & b) >>> 0; const n = ((a | b) ^ (c << 3)) >>> 3;'),
    body('const s = (a >>> (32 - b));'),
    body('f(a + 4, 0, 0); f(a + 4 + ((b << 2) >>> 0), (a + b) >>> 0, 1); copy(a + 4, b + 4, 1);'),
    body('let i: u32 = 0; i++; i += 8; i += MAX_BURST; i >>>= 1; i = (i + a) >>> 0;'),
    body('let bit: u32 = (1 << a) >>> 0; bit = (1 << b) >>> 0; const t: u32 = a === 0 ? 1 : 2;'),
    body('if (a > ((1 << b) >>> 0) && a === 5 && !(5 === a)) return (1 << b) >>> 0;'),
    body('switch (a) { case 1: return 2; default: return 0xffffffff; }'),
    'export const FLAG: u32 = 0x80000000;',
  ],
  invalid: [
    // The three kinds of expression in which extreme 32-bit values make the builds differ.
    refusedBody('if (a - b < c) return 1;', 'difference'),
    refusedBody('if (a + b <= c) return 1;', 'sumCompared'),
    refusedBody('return (a + b - 1) / b;', 'quotient', 'difference'),
    refusedBody('const q = (((a + b - 1) / b) >>> 0);', 'difference'),

    refusedBody('const d = a - b;', 'difference'),
    refusedBody('const d = a - b - c;', 'difference'),
    refusedBody('f(a - b, 0, 0);', 'difference'),
    refusedBody('f(a + (b - c), 0, 0);', 'difference'),
    refusedBody('const s = a + b;', 'sum'),
    refusedBody('f(0, a + b, 0);', 'sum'),
    refusedBody('if (((a + b) >>> 0) <= c) return 1;', 'sumCompared'),
    refusedBody('if (c > a + 1) return 1;', 'sumCompared'),
    refusedBody('const q = a / b;', 'quotient'),
    refusedBody('const q = a % b;', 'quotient'),
    refusedBody('const q = ((a / b) & c) >>> 0;', 'quotient'),
    refusedBody('const p = a * b;', 'product'),
    refusedBody('const p = (a * b + c) >>> 0;', 'product'),
    refusedBody('const m = a & b;', 'bitwise'),
    refusedBody('const m = ~a;', 'bitwise'),
    refusedBody('f(a + (b & c), 0, 0);', 'bitwise'),
    refusedBody('if ((a | b) > 0) return 1;', 'bitwise'),
    refusedBody('if ((a & b) === c) return 1;', 'bitwise'),
    refusedBody('if (a & b) return 1;', 'bitwise'),
    refusedBody('return a << 3;', 'bitwise'),
    refusedBody('const s = (a >> 3);', 'signedShift'),
    refusedBody('const n = (-a) >>> 0;', 'operator'),
    refusedBody('if (a == b) return 1;', 'operator'),
    refusedBody('f(typeof a, 0, 0);', 'operator'),
    refusedBody('const e = (a ** b) >>> 0;', 'operator'),
    refusedBody('let x: u32 = a; x -= b;', 'compound'),
    refusedBody('let x: u32 = a; x += b;', 'compound'),
    refusedBody('let x: u32 = a; x &= 3;', 'compound'),
    refusedBody('if (((1 << a) >>> 0) > b) return 1;', 'untyped'),
    refusedBody('if (5 > a) return 1;', 'untyped'),
    refusedBody('const three = 3;', 'untyped'),
    refusedBody('const t = a === 0 ? 1 : b;', 'untyped'),
    refusedBody('let x: u32 = 1.5;', 'literal'),
    refusedBody('let x: u32 = 0x100000000;', 'literal'),
  ],
});

tester.run('dialect/shape', dialect.rules.shape as unknown as Rule.RuleModule, {
  valid: [
    "import { load32, store32 } from '#mem'; import { FIFO_LEN } from './layout'; import { f } from '../shared/fifo';",
    'export const A: u32 = 1; const B: u32 = (A + 1) >>> 0; export const C: bool = true;',
    'function f(a: u32, b: bool): void { if (b) g(a); else return; }',
    body('let x: u32 = 0; for (let i: u32 = 0; i < a; i++) { if (i === b) continue; x = i; }'),
    body('for (;;) { if (a > b && !(b > c)) break; } while (a > b) g(a); do g(a); while (a > b);'),
    body('const unsaid = g(a); switch (a) { case 1: break; default: }'),
  ],
  invalid: [
    refused('export function f(a: number): u32 { return 0; }', 'annotation', 'node'),
    refused('export function f(a): u32 { return 0; }', 'annotation'),
    refused('export function f(a: u32) { return 0; }', 'annotation'),
    refused('export function f(a: void): u32 { return 0; }', 'annotation'),
    refused('let state: u32 = 0;', 'topLevel'),
    refused('export const A = 1;', 'annotation'),
    refused('const A: u32 = g();', 'topLevel'),
    refused('g();', 'topLevel'),
    refused("import { x } from 'node:fs';", 'importFrom'),
    refused("import { x } from './layout.js';", 'importFrom'),
    refused("import { x } from '..';", 'importFrom'),
    refused("import type { x } from './layout';", 'importForm'),
    refused("import { type x } from './layout';", 'importForm'),
    refused("import './layout';", 'importForm'),
    refusedBody('let x = 0;', 'annotation'),
    refusedBody('let x: u32;', 'initial'),
    refusedBody('let x: u32 = 0; const y = (x = a);', 'value'),
    refusedBody('let x: u32 = 0; g(x++);', 'value'),
    refusedBody('function inner(): void {}', 'nested'),
    refusedBody('g<u32>(a);', 'node', 'node'),
    refused('export default function f(): void {}', 'topLevel', 'node', 'nested'),
    refused("export { x } from './layout';", 'exportForm', 'node', 'literal'),
    refused('export function f(a: u32 = 1): void {}', 'node', 'node'),
    refused('export function f(a?: u32): void {}', 'node'),
    refused('export function f(...a: u32): void {}', 'node', 'node'),
    refused('export async function f(): void {}', 'node'),
    ...[
      'const g = () => 1;',
      'const g = function () {};',
      'const o = {};',
      'const l = [a];',
      "g('text');",
      'g(1n);',
      'g(`text`);',
      'g(Math.max);',
      'g(a?.b);',
      'g(a!);',
      'g(a as u32);',
      'throw a;',
      'try { g(a); } finally { g(b); }',
      'new G();',
      'for (const x of a) g(x);',
      'for (const x in a) g(x);',
      'const { x } = a;',
      'const [x] = a;',
      'const x: any = a;',
      'const x: number = a;',
      'class C {}',
      'this;',
      'type T = u32;',
      'g(...a);',
      'a ?? b;',
      'var x: u32 = a;',
      'debugger;',
      'label: g(a);',
      'g(a, (b, c));',
    ].map(refusedShape),
  ],
});
