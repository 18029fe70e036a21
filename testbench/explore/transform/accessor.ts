import ts from 'typescript';
import type { Callees, Code } from './callees';

/** A function whose whole body is one access, such as the generated ones of `shared/loops/layout.ts`. */
export interface Accessor {
  readonly call: ts.CallExpression;
  /** Names of its parameters, in order. */
  readonly parameters: readonly string[];
}

function onlyCall({ body }: ts.FunctionDeclaration): ts.CallExpression | null {
  const [statement, further] = body?.statements ?? [];
  if (statement === undefined || further !== undefined) return null;
  const inside = ts.isReturnStatement(statement) || ts.isExpressionStatement(statement) ? statement.expression : null;
  return inside !== null && inside !== undefined && ts.isCallExpression(inside) ? inside : null;
}

/** The names used in an expression, in order; null if it holds anything but names, numbers and arithmetic. */
function namesIn(expression: ts.Expression): string[] | null {
  if (ts.isIdentifier(expression)) return [expression.text];
  if (ts.isNumericLiteral(expression)) return [];
  if (ts.isParenthesizedExpression(expression)) return namesIn(expression.expression);
  if (!ts.isBinaryExpression(expression)) return null;
  const [left, right] = [namesIn(expression.left), namesIn(expression.right)];
  return left === null || right === null ? null : [...left, ...right];
}

/**
 * Recognises a function that a twin replaces by its one access. Each parameter occurs once, and in order, so
 * that arguments are evaluated as in a call.
 */
export function accessorOf(callees: Callees, code: Code): Accessor | null {
  if (!ts.isFunctionDeclaration(code)) return null;
  const call = onlyCall(code);
  if (call === null) return null;
  const callee = callees.ofCall(call);
  if (callee.kind !== 'primitive' || callee.primitive === 'none') return null;
  const names = call.arguments.map(namesIn);
  if (names.some((found) => found === null)) return null;
  const parameters = code.parameters.map(({ name }) => name.getText());
  return names.flat().join() === parameters.join() ? { call, parameters } : null;
}

/** The text of an accessor's argument, with the caller's arguments in place of the parameters. */
export function substituted(expression: ts.Expression, values: ReadonlyMap<string, string>): string {
  if (ts.isIdentifier(expression)) return values.get(expression.text)!;
  if (ts.isParenthesizedExpression(expression)) return `(${substituted(expression.expression, values)})`;
  if (!ts.isBinaryExpression(expression)) return expression.getText();
  const [left, right] = [substituted(expression.left, values), substituted(expression.right, values)];
  return `${left} ${expression.operatorToken.getText()} ${right}`;
}
