import ts from 'typescript';
import { type Callee, type Callees, type Code, isClosure } from './callees';
import { CALLS_BACK, WAITS } from './primitives';

type Member = Extract<Callee, { kind: 'member' }>;

/** Accesses and calls of a piece of code, without those of the closures in it. */
interface Uses {
  /** True if the code makes an access itself, or calls a function that is unknown before it runs. */
  direct: boolean;
  readonly codes: Set<Code>;
  readonly members: Set<string>;
  /** Properties of interfaces, which may hide accessors. */
  readonly properties: Set<Member>;
}

function isPiece(node: ts.Node): node is Code {
  return ts.isFunctionLike(node) ? 'body' in node && node.body !== undefined : ts.isClassLike(node);
}

/**
 * Finds the functions that can reach an access to memory or a sleep: those need a twin. A call of a function that
 * a variable or field holds counts, because nobody knows which one it is. So does a method of an interface if any
 * method of that name reaches.
 */
export class Reach {
  private readonly uses = new Map<Code, Uses>();
  private readonly reaching = new Set<Code>();
  /** Names of methods, properties and accessors that reach. */
  private readonly members = new Set<string>(WAITS);
  private readonly getters = new Map<string, ts.GetAccessorDeclaration[]>();

  constructor(
    private readonly callees: Callees,
    files: readonly ts.SourceFile[],
  ) {
    for (const file of files) this.collect(file);
    for (let before = -1; before !== this.reaching.size;) {
      before = this.reaching.size;
      for (const [code, uses] of this.uses)
        if (!this.reaching.has(code) && canHaveTwin(code) && this.isReached(uses)) this.add(code);
    }
  }

  /** True if the code can reach an access or a sleep. */
  has(code: Code): boolean {
    return this.reaching.has(code);
  }

  /** True if calling, or reading, what an expression leads to can reach. */
  leads(callee: Callee | null): boolean {
    if (callee === null) return false;
    if (callee.kind === 'primitive') return callee.primitive !== 'none';
    if (callee.kind === 'code') return this.has(callee.code);
    if (callee.kind === 'member') return this.members.has(callee.name);
    return callee.kind === 'value';
  }

  /** True if a property of an interface can hide an accessor that reaches. */
  hidesGetter({ name, of }: Member): boolean {
    return this.getters.get(name)?.some((getter) => this.callees.fits(getter.parent, of)) ?? false;
  }

  private isReached(uses: Uses): boolean {
    if (uses.direct) return true;
    for (const code of uses.codes) if (this.reaching.has(code)) return true;
    for (const name of uses.members) if (this.members.has(name)) return true;
    for (const member of uses.properties) if (this.hidesGetter(member)) return true;
    return false;
  }

  private add(code: Code): void {
    this.reaching.add(code);
    const holder = isClosure(code) && ts.isPropertyAssignment(code.parent) ? code.parent : code;
    if (ts.isGetAccessor(code)) {
      const name = code.name.getText();
      this.getters.set(name, [...(this.getters.get(name) ?? []), code]);
    } else if (
      (ts.isMethodDeclaration(holder) || ts.isPropertyAssignment(holder)) &&
      !ts.isComputedPropertyName(holder.name)
    )
      this.members.add(holder.name.getText());
  }

  private collect(file: ts.SourceFile): void {
    const visit = (node: ts.Node, into: Uses | null): void => {
      let uses = into;
      if (isPiece(node)) {
        uses = { direct: false, codes: new Set(), members: new Set(), properties: new Set() };
        this.uses.set(node, uses);
      }
      if (uses !== null) this.note(node, uses);
      // The constructor and the fields of a class run in `new`; its methods are pieces of their own.
      const part = ts.isConstructorDeclaration(node) && into !== null ? into : uses;
      node.forEachChild((child) => visit(child, part));
    };
    visit(file, null);
  }

  private note(node: ts.Node, uses: Uses): void {
    if (ts.isCallExpression(node)) this.noteCall(node, uses);
    else if (ts.isNewExpression(node)) noteCallee(this.callees.ofNew(node), uses);
    else if (ts.isPropertyAccessExpression(node))
      noteProperty(this.callees.ofProperty(node.name, isWritten(node)), uses);
    else if (ts.isBindingElement(node)) noteProperty(this.callees.ofBinding(node), uses);
    else if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ExtendsKeyword)
      for (const { expression } of node.types) {
        const base = this.callees.symbolAt(expression)?.valueDeclaration;
        if (base !== undefined && ts.isClassLike(base)) uses.codes.add(base);
      }
  }

  private noteCall(node: ts.CallExpression, uses: Uses): void {
    const callee = this.callees.ofCall(node);
    noteCallee(callee, uses);
    if (callee.kind !== 'library' || !CALLS_BACK.has(callee.name)) return;
    for (const argument of node.arguments) {
      const called = this.callees.ofArgument(argument);
      if (called !== null) noteCallee(called, uses);
    }
  }
}

function noteProperty(callee: Callee | null, uses: Uses): void {
  if (callee?.kind === 'code') uses.codes.add(callee.code);
  else if (callee?.kind === 'member') uses.properties.add(callee);
}

/** False for a generator and for an asynchronous function, which run in one step. */
function canHaveTwin(code: Code): boolean {
  if (ts.isClassLike(code)) return true;
  return code.asteriskToken === undefined && !(ts.getCombinedModifierFlags(code) & ts.ModifierFlags.Async);
}

function noteCallee(callee: Callee, uses: Uses): void {
  if (callee.kind === 'code') uses.codes.add(callee.code);
  else if (callee.kind === 'member') uses.members.add(callee.name);
  else if (callee.kind === 'value' || (callee.kind === 'primitive' && callee.primitive !== 'none')) uses.direct = true;
}

/** True for the left side of an assignment. */
export function isWritten(node: ts.Expression): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}
