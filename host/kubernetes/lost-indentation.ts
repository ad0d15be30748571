// Gives a Service manifest its indentation back when it went through something that strips leading
// blanks, a web page or a mail: which field belongs where follows from the API. Lines stay lines,
// so positions stay right. Source: k8s.io/api core/v1 Service.

/** Fields of an object; `map` takes any key, `leaf` a value, an array the fields of its items. */
type Shape = 'leaf' | 'map' | Fields | readonly [Fields];

interface Fields {
  readonly [key: string]: Shape;
}

/** An object that is open at this point of the text, and how far its fields are indented. */
interface Level {
  readonly shape: Shape;
  readonly indent: number;
}

const leaves = (...keys: string[]): Fields =>
  Object.fromEntries(keys.map((key) => [key, 'leaf' as const]));

const service: Fields = {
  ...leaves('apiVersion', 'kind'),
  metadata: { ...leaves('name', 'namespace'), labels: 'map', annotations: 'map' },
  spec: {
    ...leaves('type', 'clusterIP', 'externalName', 'loadBalancerIP', 'ipFamilyPolicy'),
    ...leaves('externalTrafficPolicy', 'internalTrafficPolicy', 'sessionAffinity'),
    ...leaves('healthCheckNodePort', 'publishNotReadyAddresses', 'trafficDistribution'),
    selector: 'map',
    sessionAffinityConfig: { clientIP: leaves('timeoutSeconds') },
    ports: [leaves('name', 'port', 'targetPort', 'nodePort', 'protocol', 'appProtocol')],
  },
};

const LOST = /^kind: *Service\s*$[^]*^metadata: *(?:#.*)?\n(?:name|namespace|labels|annotations):/m;
const LINE = /^(- )?([\w./-]+):(?: +(.*))?$/;

/** The text as it must have been, or null if it has not lost its indentation, or more than that. */
export function restoreIndentation(text: string): string | null {
  if (!LOST.test(text)) return null;
  const levels: Level[] = [{ shape: service, indent: 0 }];
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const restored = /^\s*(?:#.*)?$/.test(line) ? line : restoreLine(levels, line.trimEnd());
    if (restored === null) return null;
    lines.push(restored);
  }
  return lines.join('\n');
}

/** Indents one line, and opens and closes what it opens and closes; null if it fits nowhere. */
function restoreLine(levels: Level[], line: string): string | null {
  const [, dash, key, value = ''] = LINE.exec(line) ?? [];
  if (key === undefined) return null;
  if (dash !== undefined) openItem(levels);
  const level = findLevel(levels, key);
  if (level === undefined) return null;
  levels.splice(levels.indexOf(level) + 1);
  const shape = shapeOf(level.shape, key);
  const isOpen = value === '' || value.startsWith('#');
  if (isOpen && shape !== 'leaf' && shape !== undefined) {
    levels.push({ shape, indent: level.indent + 2 });
  }
  const indent = dash === undefined ? level.indent : level.indent - dash.length;
  return ' '.repeat(indent) + line;
}

/** The next item of the innermost list: closes the item before it. */
function openItem(levels: Level[]): void {
  const list = levels.findLastIndex(({ shape }) => Array.isArray(shape));
  const level = levels[list];
  if (level === undefined) return;
  levels.splice(list + 1, Infinity, { shape: level.shape[0] as Fields, indent: level.indent + 2 });
}

/** The innermost object that has such a field; a map only takes what no object around it knows. */
function findLevel(levels: readonly Level[], key: string): Level | undefined {
  const known = levels.findLast(
    ({ shape }) => shape !== 'map' && shapeOf(shape, key) !== undefined,
  );
  return known ?? levels.findLast(({ shape }) => shape === 'map');
}

function shapeOf(shape: Shape, key: string): Shape | undefined {
  if (shape === 'map') return 'leaf';
  return typeof shape === 'object' && !Array.isArray(shape) ? (shape as Fields)[key] : undefined;
}
