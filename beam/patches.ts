import "apache-beam";
import { assertSupportedBeamVersion } from "./beam-version";
import { installBundleAbandonment } from "./patches/bundle-abandonment";
import { installBundleCounters } from "./patches/bundle-counters";
import { installDataChannelOrder } from "./patches/data-channel-order";
import { installParDoBackPressure } from "./patches/par-do-back-pressure";
import { installVarIntCoder } from "./patches/var-int-coder";
import { installWorkerLifetime } from "./patches/worker-lifetime";
import { installWorkerNoise } from "./patches/worker-noise";
import { registerForWorkers } from "./worker-module";

/*
 * Importing this module corrects the SDK in this process. Every launcher imports it, and by that every remote worker
 * loads it too (registerForWorkers): the same corrections hold on both sides.
 */
assertSupportedBeamVersion();

installBundleAbandonment();
installBundleCounters();
installDataChannelOrder();
installParDoBackPressure();
installVarIntCoder();
installWorkerLifetime();
installWorkerNoise();

registerForWorkers("beam/patches", {});
