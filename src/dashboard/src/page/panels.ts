import type { Device } from "../state/device";
import type { View } from "../state/standing";
import type { Now } from "../state/time";

/** What a part of the device page is made of. */
export interface Moment {
  readonly device: Device;
  readonly view: View;
  readonly now: Now;
}

export interface Panel {
  readonly element: HTMLElement;
  update(moment: Moment): void;
}
