'use strict';
/*
 * Statements in the style of PICS, PIXIT, MICS and TICS (IEC 61850-10, IEC 61850-7-2 Annex A), made from the code: what the
 * server and client announce, the options and bounds as they stand, and the example model. See scripts/statements.js.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT } = require('./project');
require('tsx/cjs');
const { loadScl } = require('../../src/scl/index.ts');
const { ServerCore } = require('../../src/server/server-core.ts');
const { CLIENT_SERVICES } = require('../../src/client/options.ts');

/** ACSI services with the MMS services that carry them (IEC 61850-8-1 Table 3 and §9 to §23), by model. */
const ACSI = [
  ['Association', 'Associate, Release, Abort', ['conclude']],
  ['Server', 'GetServerDirectory', ['getNameList']],
  ['Logical device', 'GetLogicalDeviceDirectory', ['getNameList']],
  ['Logical node', 'GetLogicalNodeDirectory', ['getNameList']],
  ['Logical node', 'GetAllDataValues', ['read']],
  ['Data', 'GetDataValues', ['read']],
  ['Data', 'SetDataValues', ['write']],
  ['Data', 'GetDataDirectory, GetDataDefinition', ['getVariableAccessAttributes']],
  ['Data set', 'GetDataSetValues', ['read']],
  ['Data set', 'SetDataSetValues', ['write']],
  ['Data set', 'CreateDataSet', ['defineNamedVariableList']],
  ['Data set', 'DeleteDataSet', ['deleteNamedVariableList']],
  ['Data set', 'GetDataSetDirectory', ['getNamedVariableListAttributes']],
  ['Substitution', 'SetDataValues, GetDataValues', ['write', 'read']],
  ['Setting groups', 'SelectActiveSG, SelectEditSG, SetEditSGValue, ConfirmEditSGValues', ['write']],
  ['Setting groups', 'GetEditSGValue, GetSGCBValues', ['read']],
  ['Reporting', 'GetBRCBValues, SetBRCBValues, GetURCBValues, SetURCBValues', ['read', 'write']],
  ['Reporting', 'Report', ['informationReport']],
  ['Logging', 'GetLCBValues, SetLCBValues, GetLogStatusValues', ['read', 'write']],
  ['Logging', 'QueryLogByTime, QueryLogAfter', ['readJournal']],
  ['GOOSE', 'GetGoCBValues, SetGoCBValues', ['read', 'write']],
  ['Control', 'Select', ['read']],
  ['Control', 'SelectWithValue, Operate, TimeActivatedOperate, Cancel', ['write']],
  ['Control', 'CommandTermination', ['informationReport']],
  ['File transfer', 'GetFile', ['fileOpen', 'fileRead', 'fileClose']],
  ['File transfer', 'SetFile', ['obtainFile']],
  ['File transfer', 'DeleteFile', ['fileDelete']],
  ['File transfer', 'GetFileAttributeValues', ['fileDirectory']],
];

/** What differs by the edition of the file or of the device. */
const EDITIONS = [
  ['BRCB `TimeofEntry`', 'so spelt', '`TimeOfEntry`'],
  ['BRCB `ResvTms` and `Owner`, URCB `Owner`', 'not there', 'there'],
  ['ReasonForInclusion', 'six bits', 'seven bits'],
  ['Length of `RptID`, `DatSet`, `GoID`', '65', '129'],
  ['GoCB `MinTime`, `MaxTime`, `FixedOffs`', 'not there', 'there'],
  ['SGCB `ResvTms`', 'not there', 'there'],
  ['Base of `db` and `zeroDb`', 'range of `rangeC`', '`dbRef` and `zeroDbRef` where the model has them'],
];

/** Options with their comments, as they stand in the code. */
function optionsOf(file, name) {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const body = new RegExp(`export interface ${name}[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*(\w+)\??:/g)].map(([, comment, option]) => [option, plain(comment)]);
}

/** Bounds with their comments; a comment counts for the constants that follow it. */
function bounds() {
  const text = fs.readFileSync(path.join(ROOT, 'src/limits.ts'), 'utf8');
  const rows = [];
  let comment = '';
  for (const [, said, name, value] of text.matchAll(/\/\*\*([\s\S]*?)\*\/|export const (\w+)[^=]*= ([^;]+);/g)) {
    if (said !== undefined) comment = plain(said);
    else rows.push([name, value.replace(/\s+/g, ' '), comment]);
  }
  return rows;
}

function plain(comment) {
  return comment
    .replace(/^\s*\*\s?/gm, '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .replace(/\|/g, '\\|')
    .trim();
}

function table(heads, rows) {
  return [
    `| ${heads.join(' | ')} |`,
    `|${heads.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

function modelRows({ logicalDevices }) {
  const classes = new Map();
  for (const { logicalNodes } of logicalDevices) {
    for (const { lnClass, dataObjects } of logicalNodes) {
      const known = classes.get(lnClass) ?? new Map();
      for (const { name, cdc } of dataObjects) known.set(name, cdc ?? '?');
      classes.set(lnClass, known);
    }
  }
  return [...classes]
    .sort()
    .map(([lnClass, objects]) => [lnClass, [...objects].map(([name, cdc]) => `${name} (${cdc})`).join(', ')]);
}

/** The whole document. */
async function statements() {
  const scl = await loadScl(path.join(ROOT, 'examples/scl/bay.cid'), { path: true });
  const model = scl.model('BAY1');
  const serverWith = (options) => new Set(new ServerCore(model, options, () => undefined).services.names);
  const always = serverWith({});
  const withFiles = serverWith({ files: { folder: os.tmpdir(), writable: true } });
  const client = new Set([...CLIENT_SERVICES, 'conclude']);
  const server = (needed) =>
    needed.every((name) => always.has(name))
      ? 'yes'
      : needed.every((name) => withFiles.has(name))
        ? 'by option `files`'
        : 'no';
  const text = `# Statements of conformance

Made from the code by \`node scripts/statements.js\`; a test holds that this page is what it makes. In the style of PICS,
PIXIT, MICS and TICS of IEC 61850-10; no laboratory has tested against it. What foreign stacks were seen to do is in
[conformance.md](conformance.md).

## PICS: services

${table(
  ['model', 'ACSI service', 'MMS', 'client', 'server'],
  ACSI.map(([group, service, needed]) => [
    group,
    service,
    needed.join(', '),
    needed.every((name) => client.has(name)) ? 'yes' : 'no',
    server(needed),
  ]),
)}

Profiles: MMS over ISO on TCP (A-profile and T-profile of IEC 61850-8-1), with AP-titles or without, with ACSE password, by
certificate (IEC 62351-4) or without authentication; TLS 1.2 and 1.3 by IEC 62351-3. GOOSE and sampled values on Linux. Time
synchronisation is the host's. Control models: status-only, direct and select-before-operate with normal and enhanced security.

## PIXIT: options of the server

${table(['option', 'meaning'], optionsOf('src/server/options.ts', 'IedServerOptions'))}

## PIXIT: bounds

${table(['constant', 'value', 'meaning'], bounds())}

## MICS: models

The client works by what a device shows. The server serves what the SCL file types: every logical node class, name space
(IEC 61850-7-4, 61400-25, 7-410, 7-420, private ones) and common data class that the file's DataTypeTemplates define. The
example model, \`examples/scl/bay.cid\`:

${table(['LN class', 'data objects'], modelRows(model))}

## TICS: editions

Tissues are not listed one by one. What differs between the editions is done as follows, by the \`version\`, \`revision\` and
\`release\` of the file in the server, and by what the device shows in the client.

${table(['subject', 'Edition 1', 'Editions 2 and 2.1'], EDITIONS)}
`;
  return text;
}

module.exports = { statements };
