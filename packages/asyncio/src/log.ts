/**
 * The `asyncio` logger: where the default exception handler and debug mode write.
 *
 * Follows CPython's `asyncio.log`, without Python's whole logging package: one logger, replaceable handlers.
 */

/** How grave a record is, in the words of Python's `logging`. */
export type Level = "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL"

/** One message to the logger. */
export interface LogRecord {
  /** The name of the logger. */
  readonly name: "asyncio"
  /** How grave it is. */
  readonly level: Level
  /** What is reported. */
  readonly message: string
  /** The error that the message is about, if any. */
  readonly exception?: unknown
}

/** Takes the records that the logger lets through. */
export type LogHandler = (record: LogRecord) => void

const rank: Record<Level, number> = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 }

/** What stands in for Python's handler of last resort: warnings and worse go to standard error. */
const lastResort: LogHandler = (record) => {
  const error = record.exception
  const detail = error instanceof Error ? `\n${error.stack ?? String(error)}` : error === undefined ? "" : `\n${error}`
  console.error(record.message + detail)
}

/**
 * The class of {@link logger}: what CPython's `logging.getLogger("asyncio")` has that programs on asyncio use.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const records: Array<string> = []
 * const keep = (record: asyncio.LogRecord) => records.push(`${record.level}: ${record.message}`)
 * const logger: asyncio.Logger = asyncio.logger
 * logger.addHandler(keep)
 * logger.info("left out")
 * logger.warning("let through")
 * logger.removeHandler(keep)
 * console.log(records) // => [ 'WARNING: let through' ]
 * ```
 */
export class Logger {
  /** The name of the logger. */
  readonly name = "asyncio"
  private threshold: Level = "WARNING"
  private readonly handlers = new Set<LogHandler>()

  /** Lets records of this level and above through; `WARNING` at first. */
  setLevel(level: Level): void {
    this.threshold = level
  }

  /** Tells whether a record of this level would be let through. */
  isEnabledFor(level: Level): boolean {
    return rank[level] >= rank[this.threshold]
  }

  /** Adds a handler. While there is any, nothing goes to standard error by itself. */
  addHandler(handler: LogHandler): void {
    this.handlers.add(handler)
  }

  /** Removes a handler; one that is not there is ignored. */
  removeHandler(handler: LogHandler): void {
    this.handlers.delete(handler)
  }

  /** Logs a message of level `DEBUG`. */
  debug(message: string): void {
    this.log("DEBUG", message)
  }

  /** Logs a message of level `INFO`. */
  info(message: string): void {
    this.log("INFO", message)
  }

  /** Logs a message of level `WARNING`. */
  warning(message: string): void {
    this.log("WARNING", message)
  }

  /** Logs a message of level `ERROR`, with the error that it is about, if there is one. */
  error(message: string, exception?: unknown): void {
    this.log("ERROR", message, exception)
  }

  /** Hands a record to the handlers if its level is let through. */
  log(level: Level, message: string, exception?: unknown): void {
    if (!this.isEnabledFor(level)) return
    const record: LogRecord = { name: "asyncio", level, message, ...(exception === undefined ? {} : { exception }) }
    if (this.handlers.size === 0) lastResort(record)
    else for (const handler of this.handlers) handler(record)
  }
}

/**
 * The logger named `asyncio`.
 *
 * @example
 * ```ts
 * import { logger } from "@skein/asyncio"
 *
 * const seen: string[] = []
 * const handler = (record: { message: string }) => void seen.push(record.message)
 * logger.addHandler(handler)
 * logger.warning("look here")
 * logger.removeHandler(handler)
 * console.log(seen) // => [ 'look here' ]
 * ```
 */
export const logger: Logger = new Logger()
