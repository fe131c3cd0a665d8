/**
 * Writes docs/cancellation.md from runs: `npm run docs:cancellation`.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makePage, makeRows } from "./rows.ts"
import { root } from "./support/operations.ts"

const rows = await makeRows()
writeFileSync(join(root, "docs/cancellation.md"), makePage(rows))
const count = [...rows.core, ...rows.asyncio].reduce((sum, { cases }) => sum + cases.length, 0)
process.stdout.write(
  `docs/cancellation.md: ${rows.core.length + rows.asyncio.length} operations, cancelled in ${count} runs\n`
)
