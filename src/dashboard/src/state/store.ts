import { read } from "../wire/read";
import { parseTopic, type Kind } from "../wire/topics";
import { Device } from "./device";
import type { Clock, Now } from "./time";

export const maxDevices = 1000;

/** What a device may say at once, and then a second; an outbox that was kept waiting sends a thousand verdicts in a breath. */
const burst = 4000;
const perSecond = 200;

interface Budget {
  left: number;
  steady: number;
}

/** All devices that were heard of. Bounded, whatever comes over the wire. */
export class Store {
  readonly devices = new Map<string, Device>();
  /** Devices beyond {@link maxDevices}: counted by message, not shown. */
  beyond = 0;
  /** Messages on topics that no device of the contract has. */
  foreign = 0;
  /** Called with a verdict's device when the verdict is new. */
  onVerdict: (device: Device, retained: boolean) => void = () => {};
  onState: (device: Device, retained: boolean) => void = () => {};
  private readonly budgets = new Map<string, Budget>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Takes in what came, good or not; never throws for what is on the wire. */
  take(topic: string, payload: Uint8Array, retained: boolean): void {
    const address = parseTopic(topic);
    if (address === null) {
      this.foreign++;
      return;
    }

    if (payload.length === 0) {
      this.forget(address.device, address.kind);
      return;
    }

    const device = this.deviceOf(address.device);
    if (device === null) return;
    const now = this.clock();
    if (!this.mayRead(device, now)) {
      device.leftOut++;
      return;
    }

    const reading = read(address, payload);
    if ("fault" in reading) {
      device.problems.add(address.kind, topic, reading.fault, now.wall);
      return;
    }

    const isNew = device.take(reading.message, retained, now);
    if (isNew) this.onVerdict(device, retained);
    if (address.kind === "state") this.onState(device, retained);
  }

  clear(): void {
    this.devices.clear();
    this.budgets.clear();
    this.beyond = 0;
    this.foreign = 0;
  }

  /** An empty payload takes back what the broker had kept; without a status the device is retired. */
  private forget(name: string, kind: Kind): void {
    if (kind === "status") {
      this.devices.delete(name);
      this.budgets.delete(name);
    }
  }

  private deviceOf(name: string): Device | null {
    const known = this.devices.get(name);
    if (known !== undefined) return known;
    if (this.devices.size >= maxDevices) {
      this.beyond++;
      return null;
    }

    const device = new Device(name);
    this.devices.set(name, device);
    return device;
  }

  private mayRead(device: Device, now: Now): boolean {
    const budget = this.budgets.get(device.name) ?? { left: burst, steady: now.steady };
    budget.left = Math.min(burst, budget.left + ((now.steady - budget.steady) / 1000) * perSecond) - 1;
    budget.steady = now.steady;
    this.budgets.set(device.name, budget);
    if (budget.left >= 0) return true;
    budget.left = 0;
    return false;
  }
}
