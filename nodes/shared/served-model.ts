/** The model that the form of an `iec61850-server` means, deployed or not, for what its nodes ask in the editor. */
import { ArgumentError } from '../../src/errors.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { servedModel } from '../../src/server/served-model.js';
import { textField } from './admin.js';
import { expandEnvironment, formEnvironment } from './environment.js';
import type { RED } from './red.js';
import { sclLibrary } from './scl-library.js';
import { parseSclSource } from './scl-source.js';

/**
 * @param body `{ sclFile, ied, accessPoint, z }` of a request
 * @throws ArgumentError, SclError when there is no such file or IED
 */
export async function formModel(red: RED, body: Record<string, unknown>): Promise<IedModel> {
  const lookup = formEnvironment(red, textField(body.z, 'z', 64));
  const { sclFile } = body;
  const source = parseSclSource(typeof sclFile === 'string' ? expandEnvironment(sclFile, lookup, 'sclFile') : sclFile);
  if (!source) throw new ArgumentError('The server has no SCL file', 'Choose a server with an SCL file first.');
  const field = (name: 'ied' | 'accessPoint'): string | undefined =>
    expandEnvironment(textField(body[name], name), lookup, name) || undefined;
  return servedModel(await sclLibrary(red).open(source), field('ied'), field('accessPoint'));
}
