/**
 * Lint rule for the arithmetic of the loop files. It refuses expressions that have one value in 32-bit WebAssembly and
 * another in JavaScript doubles. Values are unsigned 32-bit integers on both sides if each operation that can leave
 * that range is followed by `>>> 0` at once.
 */
import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';

const MESSAGES = {
  difference: 'a difference can be negative: write ((a - b) >>> 0)',
  sum: 'a sum can pass 2^32: write ((a + b) >>> 0); only an address, the first argument of a call, may stay bare',
  sumCompared: 'a sum wraps round before it is compared: check off <= len, then n <= len - off',
  quotient: 'a quotient has a fraction in JavaScript: write ((a {{operator}} b) >>> 0), with b known not to be 0',
  product: 'a product can pass 2^32: write ((a * b) >>> 0), with bounded operands',
  bitwise:
    'the result of {{operator}} is signed in JavaScript: wrap it in (... >>> 0), or compare it with 0 by === or !==',
  signedShift: '>> keeps the sign: use >>>',
  operator: 'the operator {{operator}} is not in the dialect',
  compound: '{{operator}} is not in the dialect: write x = ((x {{plain}} y) >>> 0)',
  untyped: 'AssemblyScript takes this literal for a signed number: give the constant a type, or put a u32 on the left',
  literal: 'only whole numbers from 0 to 0xffffffff',
} as const;
type Message = keyof typeof MESSAGES;
type Binary = TSESTree.BinaryExpression;

const BITWISE = new Set(['&', '|', '^', '<<']);
const ADDITIVE = new Set(['+', '-']);
const QUOTIENT = new Set(['/', '%']);
const RELATIONAL = new Set(['<', '<=', '>', '>=']);
const EQUALITY = new Set(['===', '!==']);
const SHIFTS = new Set(['<<', '>>>']);

function isBinary(node: TSESTree.Node | undefined): node is Binary {
  return node?.type === AST_NODE_TYPES.BinaryExpression;
}

function isZero(node: TSESTree.Node): boolean {
  return node.type === AST_NODE_TYPES.Literal && node.value === 0;
}

function isNumber(node: TSESTree.Node): boolean {
  return node.type === AST_NODE_TYPES.Literal && typeof node.value === 'number';
}

/** Tells whether the node is the left operand of `>>>`, which brings its value back into range. */
function isWrapped(node: TSESTree.Node): boolean {
  return isBinary(node.parent) && node.parent.operator === '>>>' && node.parent.left === node;
}

/**
 * Tells whether the bits of a sum or difference above the 32nd are dropped before they have an effect: it is wrapped,
 * or an operand of a bitwise operation (which is checked itself), or part of a longer sum for which this holds.
 */
function isAbsorbed(node: TSESTree.Node): boolean {
  const parent = node.parent;
  if (isWrapped(node)) return true;
  if (parent?.type === AST_NODE_TYPES.UnaryExpression) return parent.operator === '~';
  if (!isBinary(parent)) return false;
  if (BITWISE.has(parent.operator)) return true;
  if (parent.operator === '>>>') return parent.right === node;
  return ADDITIVE.has(parent.operator) && isAbsorbed(parent);
}

/** Tells whether the node is an address by convention: the first argument of a call, or the second of `copy`. */
function isAddress(node: TSESTree.Node): boolean {
  const call = node.parent;
  if (call?.type !== AST_NODE_TYPES.CallExpression) return false;
  const place = (call.arguments as TSESTree.Node[]).indexOf(node);
  return place === 0 || (place === 1 && call.callee.type === AST_NODE_TYPES.Identifier && call.callee.name === 'copy');
}

function isSumCompared(node: Binary): boolean {
  const compared = isWrapped(node) && isBinary(node.parent) && isZero(node.parent.right) ? node.parent : node;
  return isBinary(compared.parent) && RELATIONAL.has(compared.parent.operator);
}

function checkSum(node: Binary): Message | null {
  if (isSumCompared(node)) return 'sumCompared';
  const partOfSum = isBinary(node.parent) && ADDITIVE.has(node.parent.operator);
  return partOfSum || isAbsorbed(node) || isAddress(node) ? null : 'sum';
}

function checkDifference(node: Binary): Message | null {
  const partOfDifference = isBinary(node.parent) && node.parent.operator === '-';
  return partOfDifference || isAbsorbed(node) ? null : 'difference';
}

/** Checks `&`, `|`, `^`, `<<` and `~`. */
function checkBitwise(node: TSESTree.Node): Message | null {
  const parent = node.parent;
  if (isWrapped(node)) return null;
  if (parent?.type === AST_NODE_TYPES.UnaryExpression && parent.operator === '~') return null;
  if (!isBinary(parent)) return 'bitwise';
  if (BITWISE.has(parent.operator) || (ADDITIVE.has(parent.operator) && isAbsorbed(parent))) return null;
  const other = parent.left === node ? parent.right : parent.left;
  return EQUALITY.has(parent.operator) && isZero(other) ? null : 'bitwise';
}

function checkBinary(node: Binary): Message | null {
  const { operator } = node;
  if (operator === '+') return checkSum(node);
  if (operator === '-') return checkDifference(node);
  if (operator === '*') return isWrapped(node) ? null : 'product';
  if (QUOTIENT.has(operator)) return isWrapped(node) ? null : 'quotient';
  if (BITWISE.has(operator)) return checkBitwise(node);
  if (operator === '>>') return 'signedShift';
  return SHIFTS.has(operator) || RELATIONAL.has(operator) || EQUALITY.has(operator) ? null : 'operator';
}

/** Tells whether AssemblyScript infers from the context that an expression is a `u32`. */
function givesType(parent: TSESTree.Node, node: TSESTree.Node): boolean {
  switch (parent.type) {
    case AST_NODE_TYPES.VariableDeclarator:
      return parent.id.typeAnnotation !== undefined;
    case AST_NODE_TYPES.AssignmentExpression:
    case AST_NODE_TYPES.ReturnStatement:
    case AST_NODE_TYPES.SwitchCase:
      return true;
    case AST_NODE_TYPES.CallExpression:
      return parent.callee !== node;
    default:
      return false;
  }
}

/**
 * AssemblyScript types an operation by its left operand, and a literal without context is an
 * `i32`: `((1 << n) >>> 0) > 5` compares signed numbers there.
 */
function isTyped(literal: TSESTree.Node): boolean {
  let node = literal;
  for (let parent = node.parent; parent !== undefined; node = parent, parent = parent.parent) {
    const passesOn =
      (isBinary(parent) && !EQUALITY.has(parent.operator)) ||
      (parent.type === AST_NODE_TYPES.UnaryExpression && parent.operator === '~') ||
      (parent.type === AST_NODE_TYPES.ConditionalExpression && parent.test !== node);
    if (!passesOn) return givesType(parent, node) || isBinary(parent);
    if (isBinary(parent) && parent.right === node) return true;
    if (isBinary(parent) && RELATIONAL.has(parent.operator)) return false;
  }
  return false;
}

function checkAssignment(node: TSESTree.AssignmentExpression): Message | null {
  if (node.operator === '=' || node.operator === '>>>=') return null;
  const step =
    isNumber(node.right) || (node.right.type === AST_NODE_TYPES.Identifier && /^[A-Z0-9_]+$/.test(node.right.name));
  return node.operator === '+=' && step ? null : 'compound';
}

export const arithmetic: TSESLint.RuleModule<Message> = {
  meta: {
    type: 'problem',
    docs: { description: 'arithmetic that is equal in JavaScript and in WebAssembly' },
    messages: MESSAGES,
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const report = (node: TSESTree.Node, messageId: Message | null, operator = ''): void => {
      if (messageId === null) return;
      context.report({ node, messageId, data: { operator, plain: operator.slice(0, -1) } });
    };
    return {
      BinaryExpression: (node) => report(node, checkBinary(node), node.operator),
      AssignmentExpression: (node) => report(node, checkAssignment(node), node.operator),
      UnaryExpression(node) {
        if (node.operator === '~') report(node, checkBitwise(node), '~');
        else if (node.operator !== '!') report(node, 'operator', node.operator);
      },
      Literal(node) {
        if (typeof node.value !== 'number') return;
        if (!Number.isInteger(node.value) || node.value > 0xffff_ffff) report(node, 'literal');
        else if (!isTyped(node)) report(node, 'untyped');
      },
    };
  },
};
