// Named checks for JavaScript clients: registers them, runs those of one phase, prints PASS or FAIL for each.
"use strict";

const { parseArgs } = require("node:util");

const checks = [];

/** Register a check. Options: phase ("main" unless told), quick (also in the short subset), limit in ms. */
function check(name, options, run) {
  checks.push({ phase: "main", quick: false, limit: 90_000, ...options, name, run });
}

/** Run the checks the command line asks for. Each gets `{ bootstrap, name(suffix) }`. */
async function main() {
  const { values } = parseArgs({
    options: {
      bootstrap: { type: "string", default: "127.0.0.1:9092" },
      prefix: { type: "string", default: "compat" },
      phase: { type: "string", default: "main" },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
    },
  });
  const on = { bootstrap: values.bootstrap, name: (suffix) => `${values.prefix}-${suffix}` };
  for (const each of checks) {
    if (each.phase !== values.phase || (values.quick && !each.quick) || !each.name.includes(values.only)) continue;
    try {
      await within(each.limit, "the check", each.run(on));
      console.log(`PASS ${each.name}`);
    } catch (error) {
      const place = (error.stack ?? "").split("\n").find((line) => line.includes("checks") && line.includes(":")) ?? "";
      console.log(`FAIL ${each.name}: ${`${error.name}: ${error.message}${place}`.replaceAll(/\s*\n\s*/g, " | ")}`);
    }
  }
  process.exit(0); // whatever a failed check left connected
}

/** A promise's result, or an error if that takes longer than `limit` ms. */
function within(limit, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Wait until `condition()` holds. */
async function eventually(what, condition, limit = 30_000) {
  const deadline = Date.now() + limit;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${limit} ms: ${what()}`);
    await sleep(50);
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const range = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);

module.exports = { check, eventually, main, range, sleep, within };
