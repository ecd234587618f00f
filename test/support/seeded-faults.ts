/** Small deterministic generator, so that a case's faults are the same when it is run again. */
export function seededFaults(seed: number): (oneIn: number) => boolean {
  let state = seed >>> 0;
  return (oneIn) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % oneIn === 0;
  };
}
