import "apache-beam";
import { assertSupportedBeamVersion } from "./beam-version";
import { installArtifactOffer } from "./patches/artifact-offer";
import { installBundleAbandonment } from "./patches/bundle-abandonment";
import { installBundleCounters } from "./patches/bundle-counters";
import { installCounterLabels } from "./patches/counter-labels";
import { installDataChannelOrder } from "./patches/data-channel-order";
import { installDescriptorWorkerId } from "./patches/descriptor-worker-id";
import { installMonitoringInfosMetadata } from "./patches/monitoring-infos-metadata";
import { installParDoBackPressure } from "./patches/par-do-back-pressure";
import { installReceiveLimit } from "./patches/receive-limit";
import { installVarIntCoder } from "./patches/var-int-coder";
import { installWorkerLifetime } from "./patches/worker-lifetime";
import { installWorkerNoise } from "./patches/worker-noise";
import { registerForWorkers } from "./worker-module";

/*
 * Importing this module corrects the SDK in this process. Every launcher imports it, and by that every remote worker
 * loads it too (registerForWorkers): the same corrections hold on both sides.
 */
assertSupportedBeamVersion();

installArtifactOffer();
installBundleAbandonment();
installBundleCounters();
installCounterLabels();
installDataChannelOrder();
installDescriptorWorkerId();
installMonitoringInfosMetadata();
installParDoBackPressure();
installReceiveLimit();
installVarIntCoder();
installWorkerLifetime();
installWorkerNoise();

registerForWorkers("beam/patches", {});
