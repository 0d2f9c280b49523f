/** A small protection IED with setting groups, a log and data that can be substituted. */
import type { IedModel } from '../../src/model/ied-model.js';
import { da, dataObject, logicalNode, struct } from './fixture.js';

const quality = da('ST', 'q', 'Quality', { value: '0000000000000', qchg: true });
const time = da('ST', 't', 'Timestamp');

const namePlate = (configRev: string): ReturnType<typeof dataObject> =>
  dataObject('NamPlt', 'LPL', [
    da('EX', 'ldNs', 'VisString255'),
    da('DC', 'configRev', 'VisString255', { value: configRev }),
  ]);

const strVal = dataObject('StrVal', 'ASG', [
  struct('SE', 'setMag', da('SE', 'f', 'FLOAT32', { value: '1', groupValues: { 1: '1.5', 2: '2.5', 3: '3.5' } })),
  da('CF', 'minVal', 'FLOAT32', { value: '0.1' }),
]);
const delay = (fc: 'SE' | 'SG'): ReturnType<typeof dataObject> =>
  dataObject('OpDlTmms', 'ING', [
    da(fc, 'setVal', 'INT32', { value: '100', groupValues: { 2: '200' } }),
    da('DC', 'd', 'VisString255', { value: 'delay' }),
  ]);

export const indication = dataObject('Ind1', 'SPS', [
  da('ST', 'stVal', 'BOOLEAN', { dchg: true, value: 'false' }),
  quality,
  time,
  da('SV', 'subEna', 'BOOLEAN', { value: 'false' }),
  da('SV', 'subVal', 'BOOLEAN'),
  da('SV', 'subQ', 'Quality', { value: '0000000000000' }),
  da('SV', 'subID', 'VisString64'),
  da('BL', 'blkEna', 'BOOLEAN', { value: 'false' }),
  da('DC', 'd', 'VisString255', { value: 'door' }),
]);

export const measured = dataObject('AnIn1', 'MV', [
  struct('MX', 'instMag', da('MX', 'f', 'FLOAT32')),
  struct('MX', 'mag', da('MX', 'f', 'FLOAT32', { dchg: true })),
  da('MX', 'q', 'Quality', { value: '0000000000000', qchg: true }),
  da('MX', 't', 'Timestamp'),
  da('SV', 'subEna', 'BOOLEAN', { value: 'false' }),
  struct('SV', 'subMag', da('SV', 'f', 'FLOAT32')),
  da('SV', 'subQ', 'Quality', { value: '0000000000000' }),
  da('SV', 'subID', 'VisString64'),
]);

/** @param configRev of the logical device's name plate */
export function settingsModel({ configRev = '1', groups = 3, active = 1 } = {}): IedModel {
  return {
    name: 'RELAY',
    edition: '2',
    accessPoint: 'AP1',
    logicalDevices: [
      {
        name: 'RELAYPROT',
        inst: 'PROT',
        logicalNodes: [
          logicalNode('LLN0', [namePlate(configRev)], {
            settingGroupControlBlock: { numberOfSettingGroups: groups, activeSettingGroup: active },
            dataSets: [
              {
                name: 'dsLog',
                members: [
                  { reference: 'RELAYPROT/GGIO1.Ind1', fc: 'ST' },
                  { reference: 'RELAYPROT/GGIO1.AnIn1.mag.f', fc: 'MX' },
                  { reference: 'RELAYPROT/PTOC1.StrVal.setMag.f', fc: 'SG' },
                ],
              },
            ],
            logControlBlocks: [
              {
                name: 'lcb1',
                dataSet: 'dsLog',
                logName: 'EventLog',
                logEnabled: true,
                reasonCode: true,
                triggerOptions: { dchg: true, qchg: true, dupd: false, period: false, gi: false },
              },
            ],
            logs: ['EventLog'],
          }),
          logicalNode('PTOC1', [strVal, delay('SE')]),
          logicalNode('PTOC2', [delay('SG')]),
          logicalNode('GGIO1', [
            indication,
            measured,
            dataObject('Lim', 'ING', [da('SP', 'setVal', 'INT32', { value: '5' })]),
            dataObject('Curve', 'CSG', [
              da('SP', 'crvPts', 'Struct', { count: 3, attributes: [da('SP', 'xVal', 'FLOAT32')] }),
            ]),
          ]),
        ],
      },
    ],
  };
}
