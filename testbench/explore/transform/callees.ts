import ts from 'typescript';
import { isInstalled } from './paths';
import { primitive, type Primitive } from './primitives';

/** A function with a body, or a class, which stands for the code of its constructor, its fields and its base. */
export type Code = ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;

/** The code that a call, or another expression, runs. */
export type Callee =
  | { readonly kind: 'primitive'; readonly name: string; readonly primitive: Primitive }
  /** A function, a method of a class or an accessor, known when the program is compiled. */
  | { readonly kind: 'code'; readonly code: Code }
  /** A method of an interface, or of an object that is no class. */
  | { readonly kind: 'member'; readonly name: string; readonly of: ts.Node }
  /** A function that a variable, parameter or field holds. */
  | { readonly kind: 'value' }
  /** A function of the language or of Node. */
  | { readonly kind: 'library'; readonly name: string };

const MEMORY_FILE = /\/shared\/mem\/(plain|watched)\.ts$/;

export function isClosure(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/** Finds out what expressions lead to, by their types. */
export class Callees {
  constructor(private readonly checker: ts.TypeChecker) {}

  /** The symbol that a name declares or refers to, followed through imports and exports. */
  symbolAt(node: ts.Node): ts.Symbol | undefined {
    const symbol = this.checker.getSymbolAtLocation(node);
    if (symbol === undefined || (symbol.flags & ts.SymbolFlags.Alias) === 0) return symbol;
    return this.checker.getAliasedSymbol(symbol);
  }

  ofCall(call: ts.CallExpression): Callee {
    const { expression } = call;
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    if (expression.kind === ts.SyntaxKind.SuperKeyword) return { kind: 'library', name: 'super' };
    if (!ts.isIdentifier(name) && !ts.isPrivateIdentifier(name)) return { kind: 'value' };
    return this.ofSymbol(this.symbolAt(name), name.text);
  }

  ofNew(call: ts.NewExpression): Callee {
    const declaration = this.symbolAt(call.expression)?.valueDeclaration;
    if (declaration !== undefined && ts.isClassLike(declaration) && !isForeign(declaration))
      return { kind: 'code', code: declaration };
    return { kind: 'library', name: 'new' };
  }

  /** The accessor that reading or writing a property runs, or the property of an interface that may hide one. */
  ofProperty(name: ts.Node, writes: boolean): Callee | null {
    return propertyCallee(this.symbolAt(name), writes);
  }

  /** The accessor that an element of an object pattern reads, or the property of an interface that may hide one. */
  ofBinding(element: ts.BindingElement): Callee | null {
    if (!ts.isObjectBindingPattern(element.parent) || element.dotDotDotToken !== undefined) return null;
    const name = element.propertyName ?? element.name;
    if (!ts.isIdentifier(name)) return null;
    return propertyCallee(this.checker.getTypeAtLocation(element.parent).getProperty(name.text), false);
  }

  /** The function that is called back, if an argument is one. */
  ofArgument(node: ts.Expression): Callee | null {
    if (isClosure(node)) return { kind: 'code', code: node };
    if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return null;
    if (this.checker.getTypeAtLocation(node).getCallSignatures().length === 0) return null;
    const name = ts.isIdentifier(node) ? node : node.name;
    return this.ofSymbol(this.symbolAt(name), name.text);
  }

  /** True if an object of the class fits the interface. */
  fits(made: ts.Node, wanted: ts.Node): boolean {
    return this.checker.isTypeAssignableTo(
      this.checker.getTypeAtLocation(made),
      this.checker.getTypeAtLocation(wanted),
    );
  }

  private ofSymbol(symbol: ts.Symbol | undefined, name: string): Callee {
    const declarations = symbol?.declarations ?? [];
    const [declaration] = declarations;
    if (declaration === undefined) return { kind: 'value' };
    if (MEMORY_FILE.test(declaration.getSourceFile().fileName) && ts.isFunctionDeclaration(declaration))
      return { kind: 'primitive', name: symbol!.name, primitive: primitive(symbol!.name) };
    if (isForeign(declaration)) return { kind: 'library', name };
    const code = declarations.find((one) => isCode(one));
    if (code !== undefined) return { kind: 'code', code: code as Code };
    if (ts.isMethodSignature(declaration) || ts.isMethodDeclaration(declaration))
      return { kind: 'member', name, of: declaration.parent };
    if (ts.isVariableDeclaration(declaration) && isConstant(declaration)) {
      const { initializer } = declaration;
      if (initializer !== undefined && isClosure(initializer)) return { kind: 'code', code: initializer };
    }
    return { kind: 'value' };
  }
}

function propertyCallee(symbol: ts.Symbol | undefined, writes: boolean): Callee | null {
  for (const declaration of symbol?.declarations ?? []) {
    if (isForeign(declaration)) return null;
    if (ts.isAccessor(declaration) && ts.isSetAccessor(declaration) === writes)
      return { kind: 'code', code: declaration };
    if (ts.isPropertySignature(declaration)) return { kind: 'member', name: symbol!.name, of: declaration.parent };
  }
  return null;
}

function isConstant(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
}

/** True for a function or method of our own with a body. A method of an object literal is a member. */
function isCode(node: ts.Declaration): boolean {
  if (ts.isFunctionDeclaration(node)) return node.body !== undefined;
  return ts.isMethodDeclaration(node) && node.body !== undefined && ts.isClassLike(node.parent);
}

/** True for a declaration of the language, of Node, or of another package. */
export function isForeign(node: ts.Node): boolean {
  const file = node.getSourceFile();
  return file.isDeclarationFile || isInstalled(file.fileName);
}
