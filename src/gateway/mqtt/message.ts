/** Quality of service: 0 at most once, 1 at least once, 2 exactly once while the connection holds. */
export type MqttQos = 0 | 1 | 2;

/** One message on its way to a broker. Each is an object of its own: queues tell them apart by identity. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: MqttQos;
  readonly retain: boolean;
}
