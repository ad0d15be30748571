// Every Wasm instance that is made in this process. Their memory is shared, which the garbage
// collector does not count: it is told when there have been many.

const instancesOfCollection = 100;

/** Calls `watch` with every instance that is made from now on. */
export function watchInstances(watch: (instance: WebAssembly.Instance) => void): void {
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(made, parameters) {
      const instance = Reflect.construct(made, parameters) as WebAssembly.Instance;
      watch(instance);
      return instance;
    },
  });
}

/** Collects garbage now and then; the process must have been started with `--expose-gc`. */
export function collectInstances(): void {
  let made = 0;
  watchInstances(() => {
    made += 1;
    if (made % instancesOfCollection === 0) globalThis.gc!();
  });
}
