/** A small model that has one of everything, written by hand so that each test sees what it stands on. */
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import type {
  BasicType,
  DataAttribute,
  DataObject,
  DataSet,
  IedModel,
  LogicalNode,
} from '../../src/model/ied-model.js';
import type { TagType } from '../../src/model/tag-value.js';

const TAG_TYPES: Partial<Record<BasicType, TagType>> = {
  BOOLEAN: 'Boolean',
  INT8: 'Int8',
  INT16: 'Int16',
  INT32: 'Int32',
  INT64: 'Int64',
  INT8U: 'UInt8',
  INT16U: 'UInt16',
  INT32U: 'UInt32',
  FLOAT32: 'Float32',
  FLOAT64: 'Float64',
  Enum: 'Enum',
  Dbpos: 'Dbpos',
  Quality: 'Quality',
  Timestamp: 'Timestamp',
  EntryTime: 'Timestamp',
  Unicode255: 'UnicodeString',
  Octet64: 'OctetString',
  Check: 'BitString',
  Tcmd: 'BitString',
  Struct: 'Structure',
};

export function da(
  fc: FunctionalConstraint,
  name: string,
  basicType: BasicType,
  more: Partial<DataAttribute> = {},
): DataAttribute {
  return { name, fc, basicType, type: TAG_TYPES[basicType] ?? 'VisibleString', attributes: [], ...more };
}

export function struct(fc: FunctionalConstraint, name: string, ...attributes: DataAttribute[]): DataAttribute {
  return da(fc, name, 'Struct', { attributes });
}

export function dataObject(
  name: string,
  cdc: string,
  attributes: DataAttribute[],
  more: Partial<DataObject> = {},
): DataObject {
  return { name, cdc, attributes, dataObjects: [], ...more };
}

export function logicalNode(name: string, dataObjects: DataObject[], more: Partial<LogicalNode> = {}): LogicalNode {
  return {
    name,
    prefix: '',
    lnClass: name.slice(0, 4),
    inst: name.slice(4),
    dataObjects,
    dataSets: [],
    reportControlBlocks: [],
    logControlBlocks: [],
    logs: [],
    gooseControlBlocks: [],
    sampledValueControlBlocks: [],
    ...more,
  };
}

const qualityAndTime = (fc: FunctionalConstraint): DataAttribute[] => [
  da(fc, 'q', 'Quality'),
  da(fc, 't', 'Timestamp'),
];

const position = dataObject('Pos', 'DPC', [
  struct(
    'ST',
    'origin',
    da('ST', 'orCat', 'Enum', { enumLiterals: { 0: 'not-supported', 3: 'remote-control' } }),
    da('ST', 'orIdent', 'Octet64'),
  ),
  da('ST', 'ctlNum', 'INT8U'),
  da('ST', 'stVal', 'Dbpos'),
  ...qualityAndTime('ST'),
  struct('CO', 'Oper', da('CO', 'ctlVal', 'BOOLEAN'), da('CO', 'Test', 'BOOLEAN'), da('CO', 'Check', 'Check')),
  da('CF', 'ctlModel', 'Enum', {
    enumLiterals: { 0: 'status-only', 1: 'direct-with-normal-security' },
    value: 'status-only',
  }),
  da('SV', 'subVal', 'Dbpos'),
]);

const power = dataObject('TotW', 'MV', [
  struct('MX', 'mag', da('MX', 'f', 'FLOAT32')),
  ...qualityAndTime('MX'),
  struct('CF', 'units', da('CF', 'SIUnit', 'Enum', { value: '38', enumLiterals: { 38: 'W' } })),
  da('CF', 'db', 'INT32U', { value: '100' }),
]);

const phase = (name: string): DataObject =>
  dataObject(name, 'CMV', [
    struct('MX', 'cVal', struct('MX', 'mag', da('MX', 'f', 'FLOAT32')), struct('MX', 'ang', da('MX', 'f', 'FLOAT32'))),
    ...qualityAndTime('MX'),
  ]);

const currents = dataObject('A', 'WYE', [], { dataObjects: ['phsA', 'phsB', 'phsC'].map(phase) });
const harmonics = dataObject('HA', 'HWYE', [], { dataObjects: [{ ...phase('phsAHar'), count: 4 }] });

/** Settings of every basic type, `LD1/GGIO1.<type>.setVal[SP]`. */
const settings = (
  [
    'BOOLEAN',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'INT8U',
    'INT16U',
    'INT32U',
    'FLOAT32',
    'FLOAT64',
    'Enum',
  ] satisfies BasicType[] as BasicType[]
)
  .concat(['Dbpos', 'Tcmd', 'Check', 'Quality', 'Timestamp', 'EntryTime', 'VisString32', 'Unicode255', 'Octet64'])
  .map((type) =>
    dataObject(`S${type}`, 'ING', [
      da('SP', 'setVal', type, type === 'Enum' ? { enumLiterals: { 1: 'on', 2: 'blocked', [-1]: 'none' } } : {}),
    ]),
  );

const curve = dataObject('Crv', 'CSG', [
  da('SP', 'numPts', 'INT16U', { value: '3' }),
  da('SP', 'crvPts', 'Struct', {
    count: 3,
    attributes: [da('SP', 'xVal', 'FLOAT32', { values: { 2: '7' } }), da('SP', 'yVal', 'FLOAT32')],
  }),
  da('SP', 'marks', 'INT32', { count: 5, values: { 1: '11', 4: '44' } }),
]);

const indication = dataObject('Ind1', 'SPS', [
  da('ST', 'stVal', 'BOOLEAN'),
  ...qualityAndTime('ST'),
  da('DC', 'd', 'VisString255', { value: 'door' }),
]);

export const POSITIONS: DataSet = {
  name: 'dsPositions',
  members: [
    { reference: 'TESTLD1/XCBR1.Pos', fc: 'ST' },
    { reference: 'TESTLD2/MMXU1.TotW.mag.f', fc: 'MX' },
    { reference: 'TESTLD2/MHAI1.HA.phsAHar(2).cVal.mag.f', fc: 'MX' },
  ],
};
export const SETTINGS: DataSet = {
  name: 'dsSettings',
  members: [
    { reference: 'TESTLD1/GGIO1.SINT32.setVal', fc: 'SP' },
    { reference: 'TESTLD1/GGIO1.SFLOAT32.setVal', fc: 'SP' },
  ],
};

export function testModel(more: Partial<IedModel> = {}): IedModel {
  return {
    name: 'TEST',
    manufacturer: 'Substation',
    type: 'Fixture',
    configVersion: '7',
    edition: '2',
    logicalDevices: [
      {
        name: 'TESTLD1',
        inst: 'LD1',
        logicalNodes: [
          logicalNode(
            'LLN0',
            [
              dataObject('Mod', 'ENC', [
                da('ST', 'stVal', 'Enum', { enumLiterals: { 1: 'on', 5: 'off' } }),
                ...qualityAndTime('ST'),
              ]),
            ],
            {
              dataSets: [POSITIONS, SETTINGS],
              reportControlBlocks: [
                {
                  name: 'brcb01',
                  buffered: true,
                  dataSet: 'dsPositions',
                  rptId: 'positions',
                  confRev: 3,
                  bufferTime: 50,
                },
                { name: 'urcb01', buffered: false, dataSet: 'dsPositions', optionalFields: ['seqNum', 'dataSet'] },
              ],
              logControlBlocks: [{ name: 'lcb', logName: 'Events' }],
              logs: ['Events'],
              gooseControlBlocks: [
                {
                  name: 'gcb',
                  dataSet: 'dsPositions',
                  goId: 'g',
                  address: { mac: '01-0C-CD-01-00-01', appId: 1, vlanId: 2, vlanPriority: 4 },
                },
              ],
              sampledValueControlBlocks: [{ name: 'msvcb', smvId: 'sv', multicast: true, smpRate: 80 }],
              settingGroupControlBlock: { numberOfSettingGroups: 4, activeSettingGroup: 2 },
            },
          ),
          logicalNode('XCBR1', [position]),
          logicalNode('GGIO1', [indication, curve, ...settings]),
        ],
      },
      {
        name: 'TESTLD2',
        inst: 'LD2',
        logicalNodes: [logicalNode('MMXU1', [power, currents]), logicalNode('MHAI1', [harmonics])],
      },
    ],
    ...more,
  };
}
