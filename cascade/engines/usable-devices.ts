import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Device, devices } from './device.ts';

/** Whether models can run on a device of this machine. */
export interface DeviceState {
  readonly device: Device;
  readonly isUsable: boolean;
  /** Why not, on one line; empty when it is usable. */
  readonly reason: string;
}

/** Time for trying all devices in ms. A GPU takes some seconds when its driver has to be started. */
const LONGEST_TRIAL_MS = 60_000;

/**
 * Tries each device with a tiny model, in a process of its own: drivers write to the terminal, and one that crashes takes only
 * that process with it. A device that was not reached is not usable.
 */
export async function usableDevices(): Promise<DeviceState[]> {
  const found = new Map<Device, DeviceState>();
  const child = fork(fileURLToPath(new URL('./device-worker.js', import.meta.url)), { stdio: 'ignore', execArgv: [] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_TRIAL_MS);
  child.on('message', (state: DeviceState) => found.set(state.device, state));
  const ending = await new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, signal) => resolve(`its trial ended with ${signal ?? code}`));
  });
  clearTimeout(timer);
  return devices.map(device => found.get(device) ?? { device, isUsable: false, reason: ending });
}
