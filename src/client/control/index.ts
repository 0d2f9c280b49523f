export { addCause, type AddCause } from './add-cause.js';
export { CONTROL_MODELS, type ControlModel } from './control-model.js';
export type {
  ControlAction,
  ControlClass,
  ControlFeedback,
  ControlOutcome,
  ControlRequest,
  ControlStep,
  Origin,
} from './control-request.js';
export { Controls } from './controls.js';
