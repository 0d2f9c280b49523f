/** R-GOOSE, R-SV and the authentication of the process bus, for the links that carry them. */
export { BUS_ALGORITHMS, encrypts, type BusAlgorithm } from './algorithms.js';
export {
  BusSecurity,
  type BusSecurityCounts,
  type BusSecurityOptions,
  type BusSecurityState,
  type FrameSecurity,
  type RefusedFrame,
} from './bus-security.js';
export {
  checkExtension,
  decodeExtension,
  extensionDetails,
  hasExtension,
  signFrame,
  splitFrame,
  withoutExtension,
  type ExtendedFrame,
  type SecurityExtension,
} from './extension.js';
export { BusKeys, type BusKey } from './keys.js';
export type { CoverageStart } from './protection.js';
export { RoutableReceiver, type RoutableFrame, type RoutableOutcome } from './routable-receiver.js';
export {
  minutesUntil,
  RoutableSender,
  usableKey,
  type OutgoingApdu,
  type RoutableSenderOptions,
} from './routable-sender.js';
export { decodeSpdu, encodeSpdu, SpduType, type LocatedSpdu, type Spdu, type SpduVersion } from './spdu.js';
export { decodePayload, encodePayload, ElementTag, type PayloadElement } from './payload.js';
export { decodeApplicationHeader, encodeApplicationFrame, EtherType } from '../mms/application-header.js';
