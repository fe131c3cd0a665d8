import { readFileSync, writeFileSync } from "node:fs"
import { pagePath, withTable } from "./page.ts"

writeFileSync(pagePath, withTable(readFileSync(pagePath, "utf8")))
