/** What users of this layer need of the header that GOOSE shares with sampled values. */
export { decodeApplicationHeader, EtherType } from '../mms/application-header.js';
