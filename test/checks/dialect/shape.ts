/**
 * Lint rule for the shape of the loop files: free functions over numbers, with a type for every parameter, result and
 * variable. It refuses everything that is not listed here, because most of the language is unknown to AssemblyScript
 * or allocates.
 */
import { AST_NODE_TYPES as T, type TSESLint, type TSESTree } from '@typescript-eslint/utils';

const MESSAGES = {
  node: '{{what}} is not in the dialect of the loop files',
  nested: 'functions stand at the top level: no closures',
  topLevel: 'the top level holds imports, functions and constants: state lies in the arena',
  annotation: '{{what}} needs the type {{types}}',
  importFrom: "imports come from '#mem' or from another loop file, by a relative path without extension",
  importForm: "only import { name } from '...'",
  exportForm: 'only export function and export const',
  literal: 'only numbers, true and false',
  value: 'an assignment is a statement of its own, to a local variable',
  initial: 'a variable needs its first value',
} as const;
type Message = keyof typeof MESSAGES;

const ALLOWED: ReadonlySet<string> = new Set([
  T.Program,
  T.ImportDeclaration,
  T.ImportSpecifier,
  T.ExportNamedDeclaration,
  T.FunctionDeclaration,
  T.VariableDeclaration,
  T.VariableDeclarator,
  T.BlockStatement,
  T.ExpressionStatement,
  T.ReturnStatement,
  T.IfStatement,
  T.ForStatement,
  T.WhileStatement,
  T.DoWhileStatement,
  T.BreakStatement,
  T.ContinueStatement,
  T.SwitchStatement,
  T.SwitchCase,
  T.Identifier,
  T.Literal,
  T.CallExpression,
  T.BinaryExpression,
  T.LogicalExpression,
  T.UnaryExpression,
  T.ConditionalExpression,
  T.AssignmentExpression,
  T.UpdateExpression,
  T.TSTypeAnnotation,
  T.TSTypeReference,
  T.TSVoidKeyword,
]);
const LOGICAL = new Set(['&&', '||']);
const VALUE_TYPES = ['u32', 'bool'];
const RESULT_TYPES = ['u32', 'bool', 'void'];

function typeName(annotation: TSESTree.TSTypeAnnotation | undefined): string | null {
  const type = annotation?.typeAnnotation;
  if (type?.type === T.TSVoidKeyword) return 'void';
  if (type?.type !== T.TSTypeReference || type.typeName.type !== T.Identifier) return null;
  return type.typeName.name;
}

function isTopLevel(node: TSESTree.Node): boolean {
  const parent = node.parent;
  return parent?.type === T.Program || parent?.type === T.ExportNamedDeclaration;
}

/** Assignments and `++` must be statements of their own, or the step of a `for`. */
function standsAlone(node: TSESTree.Node): boolean {
  const parent = node.parent;
  if (parent?.type === T.ForStatement) return parent.update === node || parent.init === node;
  return parent?.type === T.ExpressionStatement;
}

type Report = (node: TSESTree.Node, messageId: Message, data?: Readonly<Record<string, string>>) => void;

function needType(report: Report, node: TSESTree.Node, what: string, name: string | null, types: string[]): void {
  if (name === null || !types.includes(name)) report(node, 'annotation', { what, types: types.join(' or ') });
}

function checkFunction(report: Report, node: TSESTree.FunctionDeclaration): void {
  if (!isTopLevel(node)) report(node, 'nested');
  if (node.async || node.generator || node.typeParameters !== undefined)
    report(node, 'node', { what: 'an async, generator or generic function' });
  needType(report, node.id ?? node, 'the result', typeName(node.returnType), RESULT_TYPES);
  for (const parameter of node.params) {
    const plain = parameter.type === T.Identifier && !parameter.optional;
    if (!plain) report(parameter, 'node', { what: 'an optional, default, rest or taken-apart parameter' });
    else needType(report, parameter, 'a parameter', typeName(parameter.typeAnnotation), VALUE_TYPES);
  }
}

function checkVariables(report: Report, node: TSESTree.VariableDeclaration): void {
  const top = isTopLevel(node);
  if (top && node.kind !== 'const') report(node, 'topLevel');
  if (node.kind !== 'const' && node.kind !== 'let') report(node, 'node', { what: node.kind });
  for (const { id, init } of node.declarations) {
    if (init === null) report(id, 'initial');
    else if (top && init.type === T.CallExpression) report(init, 'topLevel');
    if (top || node.kind === 'let' || id.typeAnnotation !== undefined)
      needType(report, id, 'a variable', typeName(id.typeAnnotation), VALUE_TYPES);
  }
}

function checkImport(report: Report, node: TSESTree.ImportDeclaration): void {
  const named =
    node.specifiers.length > 0 &&
    node.specifiers.every((one) => one.type === T.ImportSpecifier && one.importKind === 'value');
  if (node.importKind === 'type' || !named) report(node, 'importForm');
  if (node.source.value !== '#mem' && !/^\.{1,2}\/(?:.*\/)?[^./]+$/.test(node.source.value))
    report(node.source, 'importFrom');
}

function checkTopLevel(report: Report, node: TSESTree.Program): void {
  const kinds: string[] = [T.ImportDeclaration, T.ExportNamedDeclaration, T.FunctionDeclaration, T.VariableDeclaration];
  for (const statement of node.body) if (!kinds.includes(statement.type)) report(statement, 'topLevel');
}

export const shape: TSESLint.RuleModule<Message> = {
  meta: {
    type: 'problem',
    docs: { description: 'only what TypeScript and AssemblyScript both understand, and what never allocates' },
    messages: MESSAGES,
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const report: Report = (node, messageId, data = {}) => context.report({ node, messageId, data });
    return {
      '*'(node: TSESTree.Node) {
        if (!ALLOWED.has(node.type)) report(node, 'node', { what: node.type });
      },
      Program: (node) => checkTopLevel(report, node),
      FunctionDeclaration: (node) => checkFunction(report, node),
      VariableDeclaration: (node) => checkVariables(report, node),
      ImportDeclaration: (node) => checkImport(report, node),
      ExportNamedDeclaration(node) {
        if (node.declaration === null || node.exportKind === 'type') report(node, 'exportForm');
      },
      Literal(node) {
        const source = node.parent.type === T.ImportDeclaration;
        if (!source && typeof node.value !== 'number' && typeof node.value !== 'boolean') report(node, 'literal');
      },
      LogicalExpression(node) {
        if (!LOGICAL.has(node.operator)) report(node, 'node', { what: node.operator });
      },
      AssignmentExpression(node) {
        if (!standsAlone(node) || node.left.type !== T.Identifier) report(node, 'value');
      },
      UpdateExpression(node) {
        if (!standsAlone(node) || node.argument.type !== T.Identifier) report(node, 'value');
      },
      CallExpression(node) {
        if (node.callee.type !== T.Identifier || node.typeArguments !== undefined)
          report(node, 'node', { what: 'a call by anything but a plain name' });
      },
    };
  },
};
