import { describe, expect, it } from "vitest"
import { chartsOf, growthChart, isWellFormed, ratioChart } from "../../src/run/charts.ts"
import { partsOf, replaceBetween } from "../../src/run/docs.ts"
import { pageOf } from "../../src/run/page.ts"
import { aReport } from "../support/aReport.ts"

describe("charts", () => {
  it("are SVG that stands alone, with a title for those who cannot see it", () => {
    const charts = chartsOf(aReport())
    expect(charts.map(({ name }) => name)).toEqual(["ratios", "growth"])
    for (const { svg, title } of charts) {
      expect(isWellFormed(svg)).toBe(true)
      expect(svg).toContain(`aria-label="${title}"`)
      expect(svg).toContain("prefers-color-scheme: dark")
    }
  })

  it("name every row and every column but the reference", () => {
    const svg = ratioChart(aReport())?.svg ?? ""
    for (const name of ["spawn_gather", "as_completed", "geometric mean", "asyncio", "core", "effect"])
      expect(svg).toContain(`>${name}</`)
  })

  it("are left out where there is nothing to draw", () => {
    expect(ratioChart(aReport({ rows: [] }))).toBeUndefined()
    expect(growthChart(aReport({ growth: [] }))).toBeUndefined()
  })
})

describe("the page", () => {
  it("needs nothing else and shows tables, charts and verdicts", () => {
    const page = pageOf(aReport())
    expect(page).not.toMatch(/<(script|link|img)\b/)
    expect(page.match(/<svg/g)).toHaveLength(2)
    for (const text of ["Targets", "Workloads", "Growth", "Costs", "20.0 (0.20)", "trio: not run, no trio"])
      expect(page).toContain(text)
  })

  it("shows an error as text, never as markup", () => {
    const costs = [{ name: "<b>echo</b>", column: "core", unit: "ms", detail: "", error: "<script>" }]
    expect(pageOf(aReport({ costs }))).not.toMatch(/<b>|<script>/)
  })
})

describe("the documentation", () => {
  it("keeps what stands outside the markers", () => {
    const page = "before\n<!-- bench: rows -->\nold\n<!-- end: rows -->\nafter"
    expect(replaceBetween(page, "rows", "new")).toBe("before\n<!-- bench: rows -->\n\nnew\n\n<!-- end: rows -->\nafter")
  })

  it("says which marker a page lacks", () => {
    expect(() => replaceBetween("nothing", "rows", "new")).toThrow('the page needs the lines "<!-- bench: rows -->"')
  })

  it("gets a part for each section that was measured", () => {
    expect([...partsOf(aReport()).keys()]).toEqual(["machine", "targets", "rows", "workloads", "growth", "costs"])
    expect([...partsOf(aReport({ growth: [], costs: [] })).keys()]).toEqual(["machine", "targets", "rows", "workloads"])
  })
})
