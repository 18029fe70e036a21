/** Reads names, types and docstrings out of the sources, for the pages that are written from them. */
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../../testbench/runtime/package';

/** A name of the sources with its docstring. */
export interface Documented {
  readonly name: string;
  readonly doc: string;
}

/** A member of an interface or of an object type. */
export interface Member extends Documented {
  /** The name, after the names of the members that contain it: `layout.segments`. */
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** Texts of the docstring's tags, by name without the `@`. */
  readonly tags: ReadonlyMap<string, string>;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Text of the docstring that stands last in a piece of source text, empty if there is none. */
function lastDocstring(text: string): string {
  const comments = [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)];
  return oneLine((comments.at(-1)?.[1] ?? '').replace(/^\s*\* ?/gm, ''));
}

/** Types for the settings of a device, which have a table of their own. */
const OF_A_DEVICE = /^(DeepPartial|Asked)\b/;

/** Sources that are read together, so that their types can be asked for. */
export class Declarations {
  private readonly program: ts.Program;
  private readonly checker: ts.TypeChecker;

  /** @param files paths relative to the package's folder. */
  constructor(files: readonly string[]) {
    const config = ts.getParsedCommandLineOfConfigFile(
      join(packageRoot(), 'tsconfig.json'),
      {},
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
    )!;
    this.program = ts.createProgram(
      files.map((file) => resolve(packageRoot(), file)),
      config.options,
    );
    this.checker = this.program.getTypeChecker();
  }

  private source(file: string): ts.SourceFile {
    const found = this.program.getSourceFile(resolve(packageRoot(), file));
    if (found === undefined) throw new Error(`${file} is not among the sources`);
    return found;
  }

  private statement<T extends ts.Node>(file: string, name: string, is: (node: ts.Node) => node is T): T {
    const declared = this.source(file).statements.flatMap((statement): ts.Node[] =>
      ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [statement],
    );
    const found = declared.find((node) => is(node) && (node as ts.Node & { name?: ts.Node }).name?.getText() === name);
    if (found === undefined) throw new Error(`${file} declares no ${name}`);
    return found as T;
  }

  /** Pairs nodes that stand one after the other with the docstrings before them. */
  private withDocs(nodes: readonly ts.Node[], nameOf: (node: ts.Node) => string): Documented[] {
    return nodes.map((node, i) => {
      const from = i === 0 ? node.parent.getFullStart() : nodes[i - 1]!.end;
      return { name: nameOf(node), doc: lastDocstring(node.getSourceFile().text.slice(from, node.getStart())) };
    });
  }

  private variable(file: string, name: string): ts.Expression {
    return this.statement(file, name, ts.isVariableDeclaration).initializer!;
  }

  /** Fields of a `record(...)`, in their order. */
  record(file: string, name: string): Documented[] {
    const call = this.variable(file, name) as ts.CallExpression;
    const fields = call.arguments.find(ts.isObjectLiteralExpression)!;
    return this.withDocs(fields.properties, (node) => (node as ts.PropertyAssignment).name.getText());
  }

  /** Keys of an object that is declared `as const`. */
  object(file: string, name: string): Documented[] {
    const value = this.variable(file, name) as ts.AsExpression;
    const { properties } = value.expression as ts.ObjectLiteralExpression;
    return this.withDocs(properties, (node) => (node as ts.PropertyAssignment).name.getText());
  }

  /** Strings of an array that is declared `as const`. */
  list(file: string, name: string): Documented[] {
    const value = this.variable(file, name);
    const array = (ts.isAsExpression(value) ? value.expression : value) as ts.ArrayLiteralExpression;
    return this.withDocs(array.elements, (node) => (node as ts.StringLiteral).text);
  }

  /** Docstring of an interface, a type, a class or a variable. */
  about(file: string, name: string): string {
    const node = this.statement(
      file,
      name,
      (one): one is ts.DeclarationStatement =>
        ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one) || ts.isClassDeclaration(one),
    );
    return this.docOf(this.checker.getSymbolAtLocation(node.name!)!);
  }

  /** Strings of a union type, or of the member of an interface that is one. */
  union(file: string, name: string, member?: string): Documented[] {
    const type =
      member === undefined
        ? this.statement(file, name, ts.isTypeAliasDeclaration).type
        : this.statement(file, name, ts.isInterfaceDeclaration).members.find(
            (one): one is ts.PropertySignature => one.name?.getText() === member,
          )!.type!;
    return this.withDocs([...(type as ts.UnionTypeNode).types], (node) => node.getText().slice(1, -1));
  }

  /** Members of an interface or an object type, those of nested objects of the sources included. */
  members(file: string, name: string): Member[] {
    const node = this.statement(
      file,
      name,
      (one): one is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
        ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one),
    );
    return this.membersOf(this.checker.getTypeAtLocation(node), node, '');
  }

  private docOf(symbol: ts.Symbol): string {
    return oneLine(ts.displayPartsToString(symbol.getDocumentationComment(this.checker)));
  }

  private membersOf(type: ts.Type, at: ts.Node, prefix: string): Member[] {
    return type.getProperties().flatMap((symbol) => {
      const name = `${prefix}${symbol.name}`;
      const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      const own = this.checker.getNonNullableType(this.checker.getTypeOfSymbolAtLocation(symbol, at));
      const tags = new Map(
        symbol.getJsDocTags(this.checker).map((tag) => [tag.name, oneLine(ts.displayPartsToString(tag.text))]),
      );
      const declared = symbol.valueDeclaration;
      const written = declared && ts.isPropertySignature(declared) ? declared.type?.getText() : undefined;
      const text = written ?? this.checker.typeToString(own, at, ts.TypeFormatFlags.NoTruncation);
      const member: Member = { name, type: oneLine(text), optional, doc: this.docOf(symbol), tags };
      if (written !== undefined && OF_A_DEVICE.test(written)) return [member];
      const [element] = this.checker.isArrayType(own) ? this.checker.getTypeArguments(own as ts.TypeReference) : [];
      const inside = element ?? own;
      if (!this.isNested(inside)) return [member];
      return [member, ...this.membersOf(inside, at, element === undefined ? `${name}.` : `${name}[].`)];
    });
  }

  /** True for an object type that has no name of its own by which a reader could look it up. */
  private isNested(type: ts.Type): boolean {
    const isObject = (type.flags & ts.TypeFlags.Object) !== 0 && type.getCallSignatures().length === 0;
    const text = this.checker.typeToString(type);
    return isObject && /^\{|^Complete</.test(text) && this.checker.getIndexInfosOfType(type).length === 0;
  }
}
