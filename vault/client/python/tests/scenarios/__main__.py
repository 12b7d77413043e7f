"""Runs the scenarios and says which passed: `python3 -m tests.scenarios`."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Set

import strongroom as sdk

from tests.scenarios.calls import CALLS, METHODS, Step, method_of
from tests.scenarios.matching import fits, mismatches
from tests.scenarios.plain import plain
from tests.scenarios.values import Values
from tests.vault import client

FOLDER = Path(os.environ["STRONGROOM_TEST_SCENARIOS"])
CALLED: Set[str] = set()

caller = functools.lru_cache(maxsize=None)(client)


def main() -> int:
    scenarios = [one for file in sorted(FOLDER.glob("*.json")) for one in read(file)]
    faults = [f"the rules do not hold: {case}" for case in read(FOLDER / "tools/rules.json") if not holds(case)]
    for scenario in scenarios:
        fault = run(scenario)
        if fault:
            faults.append(f"{scenario['name']}\n  {fault}")
        else:
            print(f"passed: {scenario['name']}", flush=True)
    untold = json.loads((FOLDER / "tools/untold.json").read_text(encoding="utf-8"))
    faults += [f"no scenario uses {method}" for method in sorted(METHODS - CALLED - set(untold))]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults or not scenarios else 0


def read(file: Path) -> List[Dict[str, Any]]:
    parts: List[Dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return parts


def holds(case: Dict[str, Any]) -> bool:
    return fits(case["expected"], case["actual"]) is case["fits"]


def run(scenario: Dict[str, Any]) -> str:
    """What is wrong; nothing if it passed."""
    values = Values(scenario.get("given", {}))
    for number, step in enumerate(scenario["steps"], 1):
        step = values.filled(step)
        faults: List[str] = []
        answer = with_tool(step, faults) if "tool" in step else call(step, faults)
        if faults:
            who = step.get("tool") or f"{step['call']} as {step['as']}"
            return "\n  ".join([f"step {number}, {who}:", *faults])
        if "keep" in step:
            values.keep(step["keep"], answer)
    return ""


def call(step: Dict[str, Any], faults: List[str]) -> object:
    vault = caller(step["as"])
    if "idempotency_key" in step:
        vault = vault.with_idempotency_key(step["idempotency_key"])
        CALLED.add("with_idempotency_key")
    method = method_of(step)
    CALLED.add(method)
    try:
        answer = plain(CALLS[method](vault, Step(step)))
    except sdk.VaultError as error:
        refusal = {name: getattr(error, name) for name in ("code", "status", "retryable", "pointer", "detail")}
        faults += mismatches(step.get("refused", "no refusal"), refusal, "refused")
        return None
    except sdk.StrongroomError as error:
        faults.append(f"failed: {error}")
        return None
    if "refused" in step:
        faults.append(f"was not refused: {json.dumps(answer)}")
    elif "answer" in step:
        faults += mismatches(step["answer"], answer, "answer")
    return answer


def with_tool(step: Dict[str, Any], faults: List[str]) -> object:
    """What browsers and receivers do without the vault."""
    arguments = ["node", str(FOLDER / "tools/jwe.mjs"), step["tool"]]
    done = subprocess.run(arguments, input=json.dumps(step["input"]), stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout)
    faults += mismatches(step.get("answer", {}), answer, "answer")
    return answer


if __name__ == "__main__":
    sys.exit(main())
