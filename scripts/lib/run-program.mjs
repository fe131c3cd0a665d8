import { spawn } from "node:child_process"
import { constants } from "node:os"

/**
 * Runs a program and gives its exit code; a program that a signal ended counts as 128 + signal, as in a shell. SIGINT and
 * SIGTERM are passed on, so that the child ends first and nothing is left behind.
 *
 * @param {string} file
 * @param {ReadonlyArray<string>} args
 * @param {import("node:child_process").SpawnOptions} [options] for `spawn`; without them the program shares this terminal
 * @returns {Promise<number>}
 */
export const runProgram = (file, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", ...options })
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    process.on("SIGINT", forward)
    process.on("SIGTERM", forward)
    child.on("error", reject)
    child.on("exit", (code, signal) => {
      process.off("SIGINT", forward)
      process.off("SIGTERM", forward)
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
