import { setFlagsFromString } from "node:v8";

/**
 * Sets V8 up for a long run of few functions. V8 reads these flags each time that they matter, so that they may be set now.
 * (docs/performance.md)
 */
export function setEngineFlags(): void {
  limitHeapGrowth();
  // How much of a function must have run before it is optimized, in bytes of bytecode: eight times what V8 asks for. The
  // functions that see each item get there within some blocks. Of 428 that V8 would optimize, 265 run once a block or a
  // commit and cost more to optimize than they would ever save.
  setFlagsFromString("--interrupt-budget=540672");
}

/**
 * Keeps memory small and flat. The buffers of blocks and commits live for a moment each, outside of the heap. A collection
 * of young objects frees most of those that are not used again; the few that have grown old by then go with the whole
 * heap, whose marking costs 40 ms of CPU time. V8 would let the space of young objects grow to three times 16 MB and look
 * there seldom, since few objects are made. Kept as it is at the start, it costs 30 MB less. What is left of the memory is
 * spent on marking the whole heap more seldom: where it has grown by this share.
 */
function limitHeapGrowth(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=40");
}
