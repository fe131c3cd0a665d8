// Promises with async-sema in place of async-mutex.

import { Sema } from "async-sema"
import { main } from "../harness.ts"
import { promiseColumn } from "./promiseColumn.ts"
import { libraryParts } from "./promiseLibraries.ts"

await main(
  "promises_async_sema",
  promiseColumn({ ...libraryParts, lock: () => new Sema(1), semaphore: (permits) => new Sema(permits) })
)
