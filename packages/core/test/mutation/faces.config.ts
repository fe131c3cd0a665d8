import { configFor } from "./vitest.config.ts"

// What fibers see of the kernel's machines, by the tests of core's modules.
export default configFor("test/*.test.ts")
