/** The bridge with the properties of a client of 1.x. */
import { startBridge } from '../client/bridge.ts';
import type { StartBridge } from '../client/data-client.ts';
import { setUpAs } from '../generation.ts';
import { java } from '../java.ts';
import { resolveOptions } from '../options.ts';
import { propertiesOf } from './node-plan.ts';

export const bridgeStart: StartBridge = (cluster) => {
  const options = setUpAs(cluster);
  const properties = propertiesOf(resolveOptions(options), options.nodes, 'zk1');
  return startBridge(cluster, java(properties, 'Bridge'));
};
