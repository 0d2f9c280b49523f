export type { ActivatedGroup } from './activate.js';
export type { EditedGroup, EditOptions } from './edit.js';
export type { SettingGroupState } from './setting-group-block.js';
export { SettingGroups, type GroupReadOptions, type GroupValues } from './setting-groups.js';
export type { SettingValues } from './setting-values.js';
