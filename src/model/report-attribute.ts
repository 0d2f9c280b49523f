/**
 * Attributes of report control blocks (IEC 61850-8-1 §17.2), with names in lower case: `TimeofEntry` and `TimeOfEntry` both
 * occur.
 */
export type ReportAttribute =
  | 'rptid'
  | 'rptena'
  | 'resv'
  | 'datset'
  | 'confrev'
  | 'optflds'
  | 'buftm'
  | 'sqnum'
  | 'trgops'
  | 'intgpd'
  | 'gi'
  | 'purgebuf'
  | 'entryid'
  | 'timeofentry'
  | 'resvtms'
  | 'owner';
