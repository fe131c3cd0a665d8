import { check, main } from "../../../src/harness.ts"

await main("failing", {
  workloads: { lock: async () => check(false, "lock") },
  startup: async () => check(false, "startup"),
  park: () => Promise.reject(new Error("cannot park"))
})
