import { installBeamPython } from "../../scripts/dataflow/python-environment";
import { sharedServer } from "../support/shared-server";

/** The Python environment that hands jobs to Dataflow. The first use on a machine downloads some 150 MB. */
export const beamPython = sharedServer(
  async () => ({ address: await installBeamPython(), stop: async () => undefined }),
  () => ({}),
);
