// Runs the scenarios, `vault/client/scenarios`, and says which passed: `node dist/test/scenarios/main.js`.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

import { type Client, StrongroomError, VaultError } from "../../src/index.js";
import { client, fact } from "../vault.js";
import { CALLS, camel, METHODS, methodOf, type Step } from "./calls.js";
import { fits, mismatches } from "./matching.js";
import { plain } from "./plain.js";
import { Values } from "./values.js";

interface Scenario {
  readonly name: string;
  readonly given?: { readonly [name: string]: string };
  readonly steps: readonly unknown[];
}

interface Tool {
  readonly tool: string;
  readonly input: unknown;
  readonly answer?: unknown;
  readonly keep?: string;
}

const FOLDER = fact("STRONGROOM_TEST_SCENARIOS");
const CALLED = new Set<string>();
const CALLERS = new Map<string, Client>();

async function main(): Promise<void> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json")).sort();
  const scenarios = files.flatMap((name) => read<Scenario[]>(name));
  const rules = read<{ expected: unknown; actual: unknown; fits: boolean }[]>("tools/rules.json");
  const faults = rules
    .filter((rule) => fits(rule.expected, rule.actual) !== rule.fits)
    .map((rule) => `the rules do not hold: ${JSON.stringify(rule)}`);
  for (const scenario of scenarios) {
    const fault = await run(scenario);
    if (fault === undefined) {
      console.log(`passed: ${scenario.name}`);
    } else {
      faults.push(`${scenario.name}\n  ${fault}`);
    }
  }
  const untold = Object.keys(read<object>("tools/untold.json")).map(camel);
  const unused = METHODS.filter((method) => !CALLED.has(method) && !untold.includes(method));
  faults.push(...unused.map((method) => `no scenario uses ${method}`));
  faults.forEach((fault) => console.error(fault));
  process.exitCode = faults.length > 0 || scenarios.length === 0 ? 1 : 0;
}

/** What is wrong; nothing if it passed. */
async function run(scenario: Scenario): Promise<string | undefined> {
  const values = new Values(scenario.given ?? {});
  for (const [at, raw] of scenario.steps.entries()) {
    const step = values.filled(raw) as Step | Tool;
    const faults: string[] = [];
    const answer = "tool" in step ? withTool(step, faults) : await call(step, faults);
    if (faults.length > 0) {
      const who = "tool" in step ? step.tool : `${step.call} as ${step.as}`;
      return [`step ${at + 1}, ${who}:`, ...faults].join("\n  ");
    }
    if (step.keep !== undefined) {
      values.keep(step.keep, answer);
    }
  }
  return undefined;
}

async function call(step: Step, faults: string[]): Promise<unknown> {
  let vault = CALLERS.get(step.as) ?? client(step.as);
  CALLERS.set(step.as, vault);
  if (step.idempotency_key !== undefined) {
    vault = vault.withIdempotencyKey(step.idempotency_key);
    CALLED.add("withIdempotencyKey");
  }
  const method = methodOf(step);
  CALLED.add(method);
  try {
    const answer = plain(await CALLS[method]?.(vault, step));
    if (step.refused !== undefined) {
      faults.push(`was not refused: ${JSON.stringify(answer)}`);
    } else if (step.answer !== undefined) {
      faults.push(...mismatches(step.answer, answer, "answer"));
    }
    return answer;
  } catch (error) {
    if (!(error instanceof StrongroomError)) {
      throw error;
    }
    if (!(error instanceof VaultError)) {
      faults.push(`failed: ${error.message}`);
      return undefined;
    }
    const { code, status, retryable, pointer, detail } = error;
    const expected = step.refused ?? "no refusal";
    faults.push(...mismatches(expected, { code, status, retryable, pointer, detail }, "refused"));
    return undefined;
  }
}

/** What browsers and receivers do without the vault. */
function withTool({ tool, input, answer: expected }: Tool, faults: string[]): unknown {
  const said = execFileSync("node", [`${FOLDER}/tools/jwe.mjs`, tool], {
    input: JSON.stringify(input),
    encoding: "utf8",
  });
  const answer: unknown = JSON.parse(said);
  faults.push(...mismatches(expected ?? {}, answer, "answer"));
  return answer;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8")) as T;
}

await main();
