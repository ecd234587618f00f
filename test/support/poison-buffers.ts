/**
 * Loaded before any test (.mocharc.json). In this process and those that tests start, memory that is given back to
 * `blockMemory` is overwritten at once: whoever still looks at it fails.
 */
process.env["POISON_BUFFERS"] = "1";
