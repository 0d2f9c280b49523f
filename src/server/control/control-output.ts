import type { PulseConfiguration } from './control-handler.js';
import type { ControlStatus } from './control-status.js';

/** The output of a command, seen as opOk: pulses as they are configured, else on until the command has ended. */
export class ControlOutput {
  private timer: NodeJS.Timeout | undefined;
  private on = false;

  constructor(private readonly status: ControlStatus) {}

  start(pulse: PulseConfiguration | null): void {
    this.stop();
    this.switch(true);
    if (pulse?.cmdQual === 'pulse' && pulse.onDuration > 0) this.pulse(pulse, pulse.pulses);
  }

  /** The command has ended: what is no pulse is switched off. */
  ended(): void {
    if (!this.timer) this.switch(false);
  }

  /** Switches off at once, whatever is left. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.switch(false);
  }

  private pulse(configuration: PulseConfiguration, left: number): void {
    this.timer = setTimeout(() => {
      if (left <= 1) return this.stop();
      this.switch(false);
      this.timer = setTimeout(() => {
        this.switch(true);
        this.pulse(configuration, left - 1);
      }, configuration.offDuration);
    }, configuration.onDuration);
  }

  private switch(on: boolean): void {
    if (this.on === on) return;
    this.on = on;
    this.status.output(on);
  }
}
