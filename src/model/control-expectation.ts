/** What the status value of a controllable object does when a command was executed. */
export type Expectation =
  | { change: 'equals'; value: boolean | number }
  | { change: 'near'; value: number }
  | { change: 'rises' | 'falls' }
  | { change: 'none' };

/**
 * Whether a status value is what the command was for.
 * @param before the value when the command was given
 * @param tolerance absolute difference from a set point; 1 % of it when absent
 */
export function follows(value: unknown, expectation: Expectation, before: unknown, tolerance?: number): boolean {
  switch (expectation.change) {
    case 'none':
      return true;
    case 'equals':
      return value === expectation.value;
    case 'near': {
      const allowed = tolerance ?? Math.max(Math.abs(expectation.value) * 0.01, 1e-6);
      return typeof value === 'number' && Math.abs(value - expectation.value) <= allowed;
    }
    case 'rises':
      return typeof value === 'number' && typeof before === 'number' && value > before;
    case 'falls':
      return typeof value === 'number' && typeof before === 'number' && value < before;
  }
}
