// The machine that measures, and how busy others keep it.

import { readFileSync } from "node:fs"
import os from "node:os"
import type { Machine } from "./Report.ts"

/** A row is marked when others use more than this share of all cores. */
export const NOISY = 0.15

const systemName = (): string => {
  try {
    const name = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1]
    return name === undefined ? `${os.type()} ${os.release()}` : `${name}, ${os.type()} ${os.release()}`
  } catch {
    return `${os.type()} ${os.release()}`
  }
}

/** What the machine is. */
export const describeMachine = (): Machine => ({
  cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  cores: os.cpus().length,
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  system: systemName(),
  node: process.versions.node
})

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const processorTimes = () => {
  const fields = (readFileSync("/proc/stat", "utf8").split("\n")[0] as string).trim().split(/\s+/).slice(1, 9)
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, ...rest] = fields.map(Number)
  return { idle: idle + wait, total: [user, nice, system, idle, wait, ...rest].reduce((sum, field) => sum + field, 0) }
}

/** The share of all cores that others use, sampled for a quarter of a second in which nothing of ours runs. Linux only. */
export const foreignLoad = async (): Promise<number | undefined> => {
  try {
    const before = processorTimes()
    await sleep(250)
    const after = processorTimes()
    return Math.max(0, 1 - (after.idle - before.idle) / (after.total - before.total))
  } catch {
    return undefined
  }
}

/** Waits until others are quiet, for `seconds` at most. Resolves with the last sample of their load. */
export const waitForQuiet = async (seconds: number): Promise<number | undefined> => {
  const until = performance.now() + seconds * 1000
  let load = await foreignLoad()
  while (load !== undefined && load > NOISY && performance.now() < until) load = await foreignLoad()
  return load
}
