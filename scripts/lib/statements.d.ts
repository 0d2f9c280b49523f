/** Text of docs/conformance-statements.md, made from the code. */
export function statements(): Promise<string>;
