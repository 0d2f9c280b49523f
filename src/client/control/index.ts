export { addCause, type AddCause } from '../../model/add-cause.js';
export { CONTROL_MODELS, type ControlClass, type ControlModel } from '../../model/control-model.js';
export type {
  ControlAction,
  ControlFeedback,
  ControlOutcome,
  ControlRequest,
  ControlStep,
  Origin,
} from './control-request.js';
export { Controls } from './controls.js';
