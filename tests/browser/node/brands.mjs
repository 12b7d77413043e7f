// The brands of all first six digits, told where they change.

import { brandOf } from "../../../vault/client/browser/card.js";
import { answer } from "./questions.mjs";

await answer(() => {
  const changes = [];
  for (let bin = 0; bin < 1_000_000; bin += 1) {
    const brand = brandOf(String(bin).padStart(6, "0"));
    if (brand !== changes.at(-1)?.[1]) changes.push([bin, brand]);
  }
  return changes;
});
