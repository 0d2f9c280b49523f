/** Exception codes of the Modbus Application Protocol V1.1b3 §7 that this server gives; 0 stands for none. */
export const ModbusExceptionCode = {
  NONE: 0,
  ILLEGAL_FUNCTION: 0x01,
  ILLEGAL_DATA_ADDRESS: 0x02,
  ILLEGAL_DATA_VALUE: 0x03,
  SERVER_DEVICE_FAILURE: 0x04,
  GATEWAY_TARGET_FAILED_TO_RESPOND: 0x0b,
} as const;

export type ModbusExceptionCode = (typeof ModbusExceptionCode)[keyof typeof ModbusExceptionCode];
