// Makes a fresh clone ready and rebuilds what is stale: dependencies, tools, the module, the host.
// Plain JavaScript, because nothing is installed when it runs first. A step is stale when the
// contents of its inputs have changed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampsFile = join(root, 'build/stamps.json');

/** Every step, in order; a later one may read what an earlier one wrote. */
const steps = [
  {
    name: 'tools',
    inputs: ['tools', 'tsconfig.json', 'tsconfig.tools.json'],
    outputs: ['build/tools'],
    run: () => runModule('typescript/bin/tsc', '-p', 'tsconfig.tools.json'),
  },
  {
    name: 'check of the generated boundary',
    inputs: ['assembly/abi', 'host/abi/abi.gen.ts', 'build/tools'],
    outputs: [],
    run: () => runNode('build/tools/generate-abi.js', '--check'),
  },
  ...['release', 'debug', 'guards'].map((target) => ({
    name: `dataplane, ${target}`,
    inputs: ['assembly', 'asconfig.json'],
    outputs: [`build/${target}.wasm`],
    run: () =>
      runModule('assemblyscript/bin/asc.js', '--config', 'asconfig.json', '--target', target),
  })),
  {
    name: 'dataplane, counted',
    inputs: ['assembly', 'asconfig.json', 'build/tools/coverage'],
    outputs: ['build/counted.wasm', 'build/counted.json'],
    run: () => runNode('build/tools/coverage/build.js'),
  },
  {
    name: 'embedding',
    inputs: ['build/release.wasm', 'build/tools/embed.js'],
    outputs: ['host/dataplane/module.gen.ts'],
    run: () => runNode('build/tools/embed.js'),
  },
  {
    name: 'host',
    inputs: ['host', 'fuzz', 'tsconfig.json', 'tsconfig.build.json'],
    outputs: ['dist'],
    run: buildHost,
  },
];

requireNode(20, 19);
installDependencies();
const stamps = existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {};
for (const step of steps) {
  const stamp = hashInputs(step.inputs);
  const isFresh = stamps[step.name] === stamp && step.outputs.every((path) => exists(path));
  if (isFresh) continue;
  console.error(`building: ${step.name}`);
  step.run();
  stamps[step.name] = stamp;
  mkdirSync(dirname(stampsFile), { recursive: true });
  writeFileSync(stampsFile, `${JSON.stringify(stamps, null, 2)}\n`);
}

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`podplane needs Node ${major}.${minor} or newer; this is ${process.versions.node}`);
}

/** Runs `npm ci` unless exactly what the lock file names is installed. */
function installDependencies() {
  if (isInstalled()) return;
  const modules = join(root, 'node_modules');
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) {
    fail('node_modules is a link to what package-lock.json does not name; run `npm ci` there');
  }
  console.error('installing: npm ci');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], process.platform === 'win32');
}

function isInstalled() {
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const { packages: installed } = JSON.parse(readFileSync(installedFile, 'utf8'));
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(locked).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}

function buildHost() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  runModule('typescript/bin/tsc', '-p', 'tsconfig.build.json');
  copyFileSync(join(root, 'build/release.wasm'), join(root, 'dist/dataplane.wasm'));
}

function runModule(path, ...parameters) {
  runNode(join('node_modules', path), ...parameters);
}

function runNode(path, ...parameters) {
  run(process.execPath, [join(root, path), ...parameters], false);
}

function run(command, parameters, shell) {
  const stdio = ['ignore', process.stderr, process.stderr];
  const { status, error } = spawnSync(command, parameters, { cwd: root, stdio, shell });
  if (error) fail(`${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}

function hashInputs(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(listFiles).toSorted()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function listFiles(path) {
  if (!exists(path)) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => listFiles(`${path}/${name}`));
}

function exists(path) {
  return existsSync(join(root, path));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
