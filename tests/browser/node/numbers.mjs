// Numbers that the field takes, with their brands: for the ends of each range, in each length.

import { BRANDS, brandOf, checkNumber } from "../../../vault/client/browser/card.js";
import { answer } from "./questions.mjs";

await answer(() => {
  const taken = [];
  for (let bin = 0; bin < 1_000_000; bin += 7_919) {
    const first = String(bin).padStart(6, "0");
    const brand = brandOf(first);
    for (const length of BRANDS[brand].lengths) {
      const body = first.padEnd(length - 1, "2718281828459");
      const number = [..."0123456789"].map((last) => body + last).find((text) => checkNumber(text) === null);
      taken.push([number, brand]);
    }
  }
  return taken;
});
