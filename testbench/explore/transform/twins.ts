import ts from 'typescript';
import { type Accessor, accessorOf, substituted } from './accessor';
import { type Callee, type Callees, type Code, isClosure } from './callees';
import { MAKE, SCOPE, TWIN } from './names';
import { CALLS_BACK, type Primitive } from './primitives';
import { isWritten, type Reach } from './reach';

/** `plain`: the code as it stands, where closures carry their twins. `twin`: the body of a generator. */
type Mode = 'plain' | 'twin';

const { machine: MACHINE, helpers: HELPERS, firstSite: FIRST_SITE, keep: KEEP } = SCOPE;
/** Variables of a generator: the value of an access that is no point, and the object of an optional call. */
const LOCALS = 'let $t, $f;';

/**
 * Writes a file anew, as text. Every function that reaches an access gets a twin beside it, a generator that stops
 * where an access may be a point: the machine answers below 0, true or null there, and makes the access before it
 * goes on. A call of a function that has a twin becomes a `yield*`.
 */
export class TwinWriter {
  /** The source line of each access of the file, by its number. */
  readonly lines: number[] = [];
  /** Names of the functions, methods and classes of the file that have twins. */
  readonly twinned: string[] = [];
  private readonly source: string;
  private mode: Mode = 'plain';
  /** Name of `this`, which differs in the twin of a constructor: that one makes its object itself. */
  private self = 'this';

  constructor(
    private readonly file: ts.SourceFile,
    private readonly callees: Callees,
    private readonly reach: Reach,
  ) {
    this.source = file.text;
  }

  /** The TypeScript of the whole file. */
  write(): string {
    const text = this.render(this.file);
    const named = this.file.statements.filter(ts.isFunctionDeclaration).filter((one) => this.hasTwin(one));
    const pairs = named.map((one) => `${HELPERS}.pair(${one.name!.text}, ${one.name!.text}${TWIN});`);
    const kept = this.file.statements.filter(ts.isVariableStatement).flatMap(collectionsOf);
    return [text, ...pairs, ...kept.map((name) => `${KEEP}(${name});`)].join('\n');
  }

  private hasTwin(code: Code): boolean {
    return this.reach.has(code);
  }

  private render(node: ts.Node): string {
    return this.special(node) ?? this.copied(node);
  }

  /** The node's own text, with its parts written anew. */
  private copied(node: ts.Node): string {
    let text = '';
    let at = node.getStart(this.file);
    node.forEachChild((child) => {
      const start = child.getStart(this.file);
      // A node may be visited out of order only where it is empty.
      if (start < at) return;
      text += this.source.slice(at, start) + this.render(child);
      at = child.end;
    });
    return text + this.source.slice(at, node.end);
  }

  private in<T>(mode: Mode, work: () => T): T {
    const former = this.mode;
    this.mode = mode;
    try {
      return work();
    } finally {
      this.mode = former;
    }
  }

  private special(node: ts.Node): string | null {
    if (ts.isTypeNode(node)) return node.getText(this.file);
    if (ts.isImportDeclaration(node)) return this.importing(node);
    if (ts.isExportDeclaration(node)) return this.exporting(node);
    if (ts.isFunctionDeclaration(node)) return this.withTwin(node, '\n');
    if (ts.isMethodDeclaration(node) || ts.isGetAccessor(node) || ts.isSetAccessor(node))
      return this.withTwin(node, ts.isClassLike(node.parent) ? '\n' : ',');
    if (ts.isClassLike(node)) return this.classBody(node);
    if (isClosure(node)) return this.closure(node);
    if (this.mode === 'plain') return null;
    if (node.kind === ts.SyntaxKind.ThisKeyword) return this.self;
    if (ts.isCallExpression(node)) return this.call(node);
    if (ts.isNewExpression(node)) return this.making(node);
    if (ts.isPropertyAccessExpression(node)) return this.reading(node);
    if (ts.isBinaryExpression(node)) return this.assignment(node);
    if (ts.isVariableDeclaration(node)) return this.destructuring(node);
    return null;
  }

  // Declarations

  private importing(node: ts.ImportDeclaration): string {
    const named = node.importClause?.namedBindings;
    if (named === undefined || !ts.isNamedImports(named) || isTypeOnly(node.importClause!)) return node.getText();
    return this.withNames(node, named);
  }

  private exporting(node: ts.ExportDeclaration): string {
    const named = node.exportClause;
    if (named === undefined || !ts.isNamedExports(named) || node.isTypeOnly) return node.getText();
    return this.withNames(node, named);
  }

  /** Adds the twins of the named functions to an import or an export. */
  private withNames(node: ts.Node, named: ts.NamedImports | ts.NamedExports): string {
    const added = named.elements
      .filter(({ isTypeOnly: type, name }) => !type && this.isTwinned(name))
      .map(({ propertyName, name }) => `${(propertyName ?? name).text}${TWIN} as ${name.text}${TWIN}`);
    if (added.length === 0) return node.getText();
    const names = [...named.elements.map((one) => one.getText()), ...added].join(', ');
    return `${this.source.slice(node.getStart(), named.getStart())}{ ${names} }${this.source.slice(named.end, node.end)}`;
  }

  private isTwinned(name: ts.Node): boolean {
    const declarations = this.callees.symbolAt(name)?.declarations ?? [];
    return declarations.some((one) => ts.isFunctionDeclaration(one) && this.hasTwin(one));
  }

  private withTwin(
    node: ts.FunctionDeclaration | ts.MethodDeclaration | ts.AccessorDeclaration,
    separator: string,
  ): string {
    const plain = this.in('plain', () => this.copied(node));
    if (node.body === undefined || !this.hasTwin(node)) return plain;
    this.twinned.push(node.name!.getText());
    const modifiers = (node.modifiers ?? []).map((one) => `${one.getText()} `).join('');
    const head = ts.isFunctionDeclaration(node) ? 'function* ' : '*';
    const name = `${node.name!.getText()}${ts.isGetAccessor(node) ? '$get' : ts.isSetAccessor(node) ? '$set' : TWIN}`;
    return `${plain}${separator}${modifiers.replace('override ', '')}${head}${name}${this.generator(node)}`;
  }

  /** Parameters and body of a generator with the same statements. */
  private generator(node: ts.FunctionLikeDeclaration): string {
    return this.in('twin', () => {
      const opened: string[] = [];
      const parameters = node.parameters.map((one) => this.parameterOf(one, opened)).join(', ');
      const body = this.body(node.body!, opened.join(' '));
      // An assignment has a value, so the twin of a setter gives back what it was given.
      const given = ts.isSetAccessor(node) ? ` return ${node.parameters[0]!.name.getText()};` : '';
      return `(${parameters}) ${body.slice(0, -1)}${given}}`;
    });
  }

  /** A parameter. One that destructures an object with accessors does so in the body. */
  private parameterOf(node: ts.ParameterDeclaration, opened: string[]): string {
    const names = this.accessorsIn(node.name);
    if (names.length === 0) return this.copied(node);
    const whole = `$p${node.pos}`;
    opened.push(`const ${this.copied(node.name)} = ${this.opening(whole, names)};`);
    return node.initializer === undefined ? whole : `${whole} = ${this.render(node.initializer)}`;
  }

  private body(body: ts.ConciseBody, first: string): string {
    if (!ts.isBlock(body)) return `{ ${LOCALS} ${first} return ${this.render(body)}; }`;
    return `{ ${LOCALS} ${first} ${this.copied(body).slice(1)}`;
  }

  private closure(node: ts.ArrowFunction | ts.FunctionExpression): string {
    const plain = this.in('plain', () => this.copied(node));
    if (!this.hasTwin(node)) return plain;
    const bound = usesThis(node.body) ? `.bind(${this.self})` : '';
    return `${HELPERS}.pair(${plain}, (function* ${this.keepingThis(() => this.generator(node))})${bound})`;
  }

  private keepingThis<T>(work: () => T): T {
    const former = this.self;
    this.self = 'this';
    try {
      return work();
    } finally {
      this.self = former;
    }
  }

  private classBody(node: ts.ClassLikeDeclaration): string {
    const plain = this.copied(node);
    if (!this.hasTwin(node) || node.name === undefined) return plain;
    this.twinned.push(node.name.text);
    const twin = this.in('twin', () => this.constructing(node));
    return `${plain.slice(0, plain.lastIndexOf('}'))}\n${twin}\n}`;
  }

  /**
   * The twin of a constructor, as a static method: makes the object, then its fields, then runs the body. `this` is
   * the class of the object, which may be derived.
   */
  private constructing(node: ts.ClassLikeDeclaration): string {
    const former = this.self;
    this.self = '$self';
    const made = node.members.find(ts.isConstructorDeclaration);
    const parameters = made?.parameters.map((one) => this.parameter(one)).join(', ') ?? '...$values';
    const statements = made?.body?.statements ?? [];
    const taken = (made?.parameters ?? []).filter(({ modifiers }) => modifiers !== undefined);
    const fields = node.members.filter(ts.isPropertyDeclaration).filter(({ modifiers }) => !isStatic(modifiers));
    const text = [
      LOCALS,
      `const $self = ${this.bare(node, made)};`,
      ...taken.map((one) => `$self.${one.name.getText()} = ${one.name.getText()};`),
      ...fields.map((one) => this.field(one)),
      ...statements.filter((one) => superArguments(one) === null).map((one) => this.render(one)),
      'return $self;',
    ].join('\n');
    this.self = former;
    return `static *${MAKE}(${parameters}) {\n${text}\n}`;
  }

  /** The object before its class has done anything to it. */
  private bare(node: ts.ClassLikeDeclaration, made: ts.ConstructorDeclaration | undefined): string {
    const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    if (base === undefined) return 'Object.create(this.prototype)';
    const passed = (made?.body?.statements ?? []).map(superArguments).find((found) => found !== null);
    const values = made === undefined ? '...$values' : this.list(passed ?? []);
    const declaration = this.callees.symbolAt(base.expression)?.valueDeclaration;
    const twinned = declaration !== undefined && ts.isClassLike(declaration) && this.hasTwin(declaration);
    if (twinned) return `(yield* super.${MAKE}(${values}))`;
    return `Reflect.construct(${base.expression.getText()}, [${values}], this)`;
  }

  /** A parameter without the modifiers that make it a field. */
  private parameter(node: ts.ParameterDeclaration): string {
    const first = node.dotDotDotToken ?? node.name;
    const text = this.copied(node);
    return text.slice(first.getStart() - node.getStart());
  }

  private field(node: ts.PropertyDeclaration): string {
    return `$self.${node.name.getText()} = ${node.initializer === undefined ? 'undefined' : this.render(node.initializer)};`;
  }

  // Expressions of a twin

  private list(nodes: readonly ts.Expression[] | undefined): string {
    return (nodes ?? []).map((one) => this.render(one)).join(', ');
  }

  private call(node: ts.CallExpression): string | null {
    const callee = this.callees.ofCall(node);
    if (callee.kind === 'library') return this.callingBack(node, callee.name);
    if (!this.reach.leads(callee)) return null;
    if (callee.kind === 'primitive')
      return this.access(
        node,
        callee,
        node.arguments.map((one) => this.render(one)),
      );
    const accessor = callee.kind === 'code' ? accessorOf(this.callees, callee.code) : null;
    if (accessor !== null) return this.inlined(node, accessor);
    if (ts.isOptionalChain(node)) return this.optionalCall(node, callee);
    return `(yield* ${this.target(node, callee)})`;
  }

  /** A call of a twin, without its `yield*`. */
  private target(node: ts.CallExpression, callee: Callee): string {
    const { expression } = node;
    const values = this.list(node.arguments);
    if (callee.kind === 'code' && !isClosure(callee.code)) {
      if (!ts.isPropertyAccessExpression(expression)) return `${this.render(expression)}${TWIN}(${values})`;
      return `${this.render(expression.expression)}.${expression.name.text}${TWIN}(${values})`;
    }
    if (ts.isPropertyAccessExpression(expression)) {
      const further = values === '' ? '' : `, ${values}`;
      return `${HELPERS}.on(${this.render(expression.expression)}, '${expression.name.text}'${further})`;
    }
    return `${HELPERS}.twin(${this.render(expression)})(${values})`;
  }

  private optionalCall(node: ts.CallExpression, callee: Callee): string {
    const { expression } = node;
    if (node.questionDotToken !== undefined)
      return `(($f = ${this.render(expression)}) == null ? undefined : yield* ${HELPERS}.twin($f)(${this.list(node.arguments)}))`;
    if (!ts.isPropertyAccessExpression(expression)) throw this.unknown(node, 'an optional call');
    const name = expression.name.text;
    const values = this.list(node.arguments);
    const further = values === '' ? '' : `, ${values}`;
    const made = callee.kind === 'code' ? `$f.${name}${TWIN}(${values})` : `${HELPERS}.on($f, '${name}'${further})`;
    return `(($f = ${this.render(expression.expression)}) == null ? undefined : yield* ${made})`;
  }

  private access(node: ts.Node, { name, primitive }: Extract<Callee, { kind: 'primitive' }>, values: string[]): string {
    const call = `${MACHINE}.${name}(${[...values, this.site(node)].join(', ')})`;
    const kinds: Record<Primitive, string> = {
      value: `(($t = ${call}) < 0 ? yield : $t)`,
      effect: `(${call} && (yield))`,
      array: `(${call} ?? (yield))`,
      none: call,
    };
    return kinds[primitive];
  }

  private site(node: ts.Node): string {
    this.lines.push(this.file.getLineAndCharacterOfPosition(node.getStart(this.file)).line + 1);
    return `${FIRST_SITE} + ${this.lines.length - 1}`;
  }

  private inlined(node: ts.CallExpression, { call, parameters }: Accessor): string {
    const values = new Map(node.arguments.map((one, i) => [parameters[i]!, `(${this.render(one)})`]));
    const callee = this.callees.ofCall(call) as Extract<Callee, { kind: 'primitive' }>;
    return this.access(
      node,
      callee,
      call.arguments.map((one) => substituted(one, values)),
    );
  }

  private callingBack(node: ts.CallExpression, name: string): string | null {
    const { expression } = node;
    if (!CALLS_BACK.has(name) || !ts.isPropertyAccessExpression(expression)) return null;
    if (!node.arguments.some((one) => this.reach.leads(this.callees.ofArgument(one)))) return null;
    return `(yield* ${HELPERS}.${name}(${this.render(expression.expression)}, ${this.list(node.arguments)}))`;
  }

  private making(node: ts.NewExpression): string | null {
    const callee = this.callees.ofNew(node);
    if (callee.kind !== 'code' || !this.hasTwin(callee.code)) return null;
    return `(yield* ${this.render(node.expression)}.${MAKE}(${this.list(node.arguments)}))`;
  }

  private reading(node: ts.PropertyAccessExpression): string | null {
    if (isWritten(node)) return null;
    const callee = this.callees.ofProperty(node.name, false);
    if (callee === null) return null;
    if (callee.kind === 'code' && this.hasTwin(callee.code)) {
      if (node.questionDotToken === undefined)
        return `(yield* ${this.render(node.expression)}.${node.name.text}$get())`;
      return `(($f = ${this.render(node.expression)}) == null ? undefined : yield* $f.${node.name.text}$get())`;
    }
    if (callee.kind !== 'member' || !this.reach.hidesGetter(callee)) return null;
    return `(yield* ${HELPERS}.get(${this.render(node.expression)}, '${callee.name}'))`;
  }

  private assignment(node: ts.BinaryExpression): string | null {
    const { left } = node;
    if (!ts.isPropertyAccessExpression(left) || !isWritten(left)) return null;
    const callee = this.callees.ofProperty(left.name, true);
    if (callee?.kind !== 'code' || !this.hasTwin(callee.code)) return null;
    return `(yield* ${this.render(left.expression)}.${left.name.text}$set(${this.render(node.right)}))`;
  }

  /** Reads accessors with twins before a declaration destructures their object. */
  private destructuring(node: ts.VariableDeclaration): string | null {
    const names = node.initializer === undefined ? [] : this.accessorsIn(node.name);
    if (names.length === 0) return null;
    return `${this.copied(node.name)} = ${this.opening(this.render(node.initializer!), names)}`;
  }

  private opening(object: string, names: readonly string[]): string {
    return `(yield* ${HELPERS}.open(${object}, ${JSON.stringify(names)}))`;
  }

  /** Names of the accessors with twins that a pattern reads. */
  private accessorsIn(pattern: ts.BindingName): string[] {
    if (!ts.isObjectBindingPattern(pattern)) return [];
    const read = pattern.elements.filter((one) => this.readsTwin(one));
    if (read.length > 0 && pattern.elements.some(({ dotDotDotToken }) => dotDotDotToken !== undefined))
      throw this.unknown(pattern, 'an object with accessors and a rest, taken apart');
    return read.map((one) => (one.propertyName ?? one.name).getText());
  }

  /** True for a part of a pattern that reads an accessor with a twin, or may do so. */
  private readsTwin(element: ts.BindingElement): boolean {
    const callee = this.callees.ofBinding(element);
    if (callee?.kind === 'code') return this.hasTwin(callee.code);
    return callee?.kind === 'member' && this.reach.hidesGetter(callee);
  }

  private unknown(node: ts.Node, what: string): Error {
    const { line } = this.file.getLineAndCharacterOfPosition(node.getStart(this.file));
    return new Error(`${this.file.fileName}:${line + 1}: the transform cannot follow ${what}: write it out`);
  }
}

/** Names of the collections that a statement at the top of a module makes. Those that start full are tables. */
function collectionsOf(statement: ts.VariableStatement): string[] {
  return statement.declarationList.declarations
    .filter(({ initializer }) => {
      if (initializer === undefined) return false;
      if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
      return ts.isNewExpression(initializer) && ['Map', 'Set'].includes(initializer.expression.getText());
    })
    .map(({ name }) => name.getText());
}

function isTypeOnly(clause: ts.ImportClause): boolean {
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isStatic(modifiers: ts.NodeArray<ts.ModifierLike> | undefined): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

function superArguments(statement: ts.Statement): readonly ts.Expression[] | null {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return null;
  const { expression, arguments: values } = statement.expression;
  return expression.kind === ts.SyntaxKind.SuperKeyword ? values : null;
}

/** True where code uses `this` of the function around it. */
function usesThis(node: ts.Node): boolean {
  if (node.kind === ts.SyntaxKind.ThisKeyword) return true;
  if (ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node) || ts.isClassLike(node)) return false;
  return ts.forEachChild(node, usesThis) ?? false;
}
