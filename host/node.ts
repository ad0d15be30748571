// The door for Node, Deno and Bun: the public door, and what needs files.

export * from './index.ts';
export { readManifestFiles, type ManifestFileOptions } from './files/manifests.ts';
