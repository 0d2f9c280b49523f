/** Who a client is: its address, and what it said of itself when it associated. */
export interface ClientIdentity {
  readonly address: string;
  readonly port: number;
  apTitle?: string;
  aeQualifier?: number;
}
