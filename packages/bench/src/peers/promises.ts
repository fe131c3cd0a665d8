// Promises with the usual packages of npm.

import { main } from "../harness.ts"
import { promiseColumn } from "./promiseColumn.ts"
import { libraryParts } from "./promiseLibraries.ts"

await main("promises", promiseColumn(libraryParts))
