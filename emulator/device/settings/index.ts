export type { AvpDeviceSettings, DeepPartial } from './schema';
export { avpDeviceSettings } from './settings';
