// The vault's public keys, from beside this file and from nowhere else.
//
// Whoever chooses the key reads the card. So the address is made of this module's own: nothing that the embedding page
// sends, and nothing in the frame's own address, has a part in it. `connect-src 'self'` says the same once more.

/** The newest key of the vault; throws when there is none to be had. What makes it a right one, `jwe.js` checks. */
export async function fetchNewestKey() {
  const response = await fetch(new URL("keys.json", import.meta.url), {
    mode: "same-origin",
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (!response.ok) throw new Error("the keys were not served");
  const text = await response.text();
  if (text.length > LONGEST_ANSWER) throw new Error("the keys are too long");
  const [newest] = JSON.parse(text).keys;
  return newest;
}

const TIMEOUT_MILLISECONDS = 10_000;
const LONGEST_ANSWER = 65_536;
