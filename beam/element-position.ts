import "apache-beam";
import { PaneInfoCoder } from "apache-beam/coders/standard_coders";
import { GlobalWindow, type WindowedValue } from "apache-beam/values";
import type { ElementPosition } from "./async-do-fn";

/** The global window ends one day before the last timestamp that Beam knows (beam_runner_api.proto, BeamConstants). */
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * The global window at the earliest timestamp: the position of values that belong to no element, such as a pipeline's
 * first one and those of a bundle without elements.
 */
export function globalWindowPosition(): ElementPosition {
  const window = new GlobalWindow();
  // Beam's timestamps are symmetrical. Made from the SDK's own number, because the SDK brings its own copy of `long`.
  const earliest = window.maxTimestamp().add(DAY_MILLISECONDS).negate();
  return { windows: [window], pane: PaneInfoCoder.ONE_AND_ONLY_FIRING, timestamp: earliest };
}

/** `value` at `position`, as operators pass it on. */
export function valueAt<T>(value: T, { windows, pane, timestamp }: ElementPosition): WindowedValue<T> {
  return { value, windows, pane, timestamp };
}
