// The part of a node's maps that follows from the node itself and the pods that run on it. Knows
// nothing of Services or policies.

import type { DesiredState, Names } from './desired.ts';
import { encodeMap } from './entries.ts';
import { compileLocalities, nodeDetector } from './localities.ts';
import type { NodeView } from './node-view.ts';
import { compilePorts, compileRoutes, locateSources, namePorts } from './routes.ts';
import { compileConfig } from './settings.ts';
import { compileTimeouts } from './tracking.ts';

export interface NodePart {
  readonly view: Omit<NodeView, 'state' | 'numbers'>;
  readonly desired: DesiredState;
  readonly names: Pick<Names, 'ports' | 'portOf'>;
}

export function compileNodePart(view: NodeView): NodePart {
  view.numbers.askAgain('ports');
  const detector = nodeDetector(view);
  return {
    view,
    desired: {
      config: encodeMap('config', compileConfig(view, detector)),
      timeouts: encodeMap('timeouts', compileTimeouts(view.config)),
      ports: encodeMap('ports', compilePorts(view)),
      routes: encodeMap('routes', compileRoutes(view)),
      localities: encodeMap('localities', compileLocalities(view, detector)),
    },
    names: { ports: namePorts(view), portOf: locateSources(view) },
  };
}
