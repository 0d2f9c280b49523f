import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const ROOT = path.resolve(__dirname, '..', '..');

/** Files below a folder of the project that end with `extension`, relative to the project, with forward slashes. */
export function filesBelow(folder: string, extension: string): string[] {
  const full = path.join(ROOT, folder);
  if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => `${folder}/${name.split(path.sep).join('/')}`)
    .sort();
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

export interface SourceFile {
  /** Relative to the project, `src/mms/data.ts`. */
  file: string;
  /** What it imports: `src/ber/reader.ts` for files of ours, else the name of the module. Type-only imports included. */
  imports: string[];
  /** As `imports`, without those that vanish when compiled. */
  runtimeImports: string[];
  tree: ts.SourceFile;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

/** The file or module that `specifier` means in `file`. */
function resolveImport(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)).replace(/\.js$/, '.ts');
}

/** Reads a TypeScript file with all that it imports, by `import`, `export … from`, `import()`, `require()` and `import = require`. */
export function readSource(file: string): SourceFile {
  const tree = ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest, true);
  const imports = new Set<string>();
  const runtimeImports = new Set<string>();
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const target = resolveImport(file, specifier.text);
    imports.add(target);
    if (!typeOnly) runtimeImports.add(target);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node));
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const isRequire = ts.isIdentifier(expression) && expression.text === 'require';
      if (expression.kind === ts.SyntaxKind.ImportKeyword || isRequire) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { file, imports: [...imports], runtimeImports: [...runtimeImports], tree };
}

/** `mms` of `src/mms/pdu/read.ts`; `index`, `errors` and `limits` for the files directly under src. */
export function layerOf(file: string): string {
  const [, name] = file.split('/');
  return (name ?? '').replace(/\.ts$/, '');
}
