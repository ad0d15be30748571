// The fixed areas that calls pass their arguments in, published by `layout`.

import { Capacity } from "../abi/config";
import { Clock, Layout } from "../abi/layout";
import { trapRecord } from "../trap";

/** Addresses of all areas. */
export const layoutArea = changetype<Layout>(memory.data(offsetof<Layout>(), 8));
/** Sizes, before `initialise`. */
export const capacityArea = changetype<Capacity>(memory.data(offsetof<Capacity>(), 8));
/** Time, before `sweep`. */
export const clockArea = changetype<Clock>(memory.data(offsetof<Clock>(), 8));
/** Key and value of a map operation; larger than any of them. */
export const keyArea: usize = memory.data(64, 8);
export const valueArea: usize = memory.data(192, 8);

/** Publishes the areas that exist before `initialise`. */
export function publishFixedAreas(): void {
  layoutArea.capacity = <u32>changetype<usize>(capacityArea);
  layoutArea.trap = <u32>trapRecord;
  layoutArea.clock = <u32>changetype<usize>(clockArea);
  layoutArea.key = <u32>keyArea;
  layoutArea.value = <u32>valueArea;
}
