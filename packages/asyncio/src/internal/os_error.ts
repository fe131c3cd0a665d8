/**
 * OSError: one class for what the system refuses, and a subclass for each reason that programs care about.
 *
 * Python picks the subclass by `errno` when OSError itself is called. Node's own system errors (`code: "ENOENT"`) are matched by
 * the same table, so that `e instanceof FileNotFoundError` works on what `node:fs` throws.
 */
import { BaseExceptionImpl, defineException, Exception, type ExceptionClass, type kind, str } from "./base_exception.ts"
import { repr } from "./pyrepr.ts"

/** An operation that the system refused. Also matches Node's system errors. */
export interface OSError extends Exception {
  readonly [kind]: `Exception.OSError${string}`
  /** The system's number for the reason (Linux), when it was given one. */
  readonly errno: number | undefined
  /** The reason in words. */
  readonly strerror: string | undefined
  /** The file concerned. */
  readonly filename: unknown
  /** The second file concerned, of a rename for example. */
  readonly filename2: unknown
}

class OSErrorImpl extends BaseExceptionImpl {
  readonly errno: number | undefined
  readonly strerror: string | undefined
  readonly filename: unknown
  readonly filename2: unknown

  constructor(...input: ReadonlyArray<unknown>) {
    super(...input)
    const all = super.args
    const structured = all.length >= 2 && all.length <= 5
    hide(this, "errno", structured ? all[0] : undefined)
    hide(this, "strerror", structured ? all[1] : undefined)
    hide(this, "filename", structured ? all[2] : undefined)
    hide(this, "filename2", structured ? all[4] : undefined)
  }

  // As in Python, the file names are attributes only.
  override get args(): ReadonlyArray<unknown> {
    const all = super.args
    return all.length > 2 && all.length <= 5 ? Object.freeze(all.slice(0, 2)) : all
  }

  override textOf(args: ReadonlyArray<unknown>): string {
    if (args.length < 2 || args.length > 5) return super.textOf(args)
    const [errno, strerror, filename, , filename2] = args
    const text = `[Errno ${str(errno)}] ${str(strerror)}`
    if (filename === undefined || filename === null) return text
    return filename2 === undefined || filename2 === null
      ? `${text}: ${repr(filename)}`
      : `${text}: ${repr(filename)} -> ${repr(filename2)}`
  }
}

// Not enumerable, so that a printed error shows its message and not the same words again.
const hide = (target: object, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false })
}

interface Reason {
  readonly errnos: ReadonlyArray<number>
  readonly codes: ReadonlyArray<string>
}

const specials = new Map<number, object>()

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined

const isSystemError = (error: Error): boolean => {
  const code = codeOf(error)
  // Node's own argument errors also have a `code`, but no system call.
  return code !== undefined && ("syscall" in error || "errno" in error) && /^E[A-Z0-9]+$/.test(code)
}

const isTimeout = (error: Error): boolean => error.name === "TimeoutError" && error instanceof DOMException

export const OSError: ExceptionClass<OSError> = defineException<OSError>("OSError", Exception, {
  impl: OSErrorImpl,
  specialise: (args) => (args.length >= 2 && args.length <= 5 ? specials.get(args[0] as number) : undefined),
  foreign: (error) => isSystemError(error) || isTimeout(error)
})

const special = <E extends OSError>(
  name: E["name"],
  Parent: ExceptionClass<OSError>,
  reason: Reason
): ExceptionClass<E> => {
  const Class = defineException<E>(name, Parent, {
    foreign: (error) =>
      (isSystemError(error) && reason.codes.includes(codeOf(error) as string)) ||
      (name === "TimeoutError" && isTimeout(error))
  })
  for (const errno of reason.errnos) specials.set(errno, Class)
  return Class
}

/** Something took too long. Also matches `ETIMEDOUT` and the DOMException of `AbortSignal.timeout`. */
export interface TimeoutError extends OSError {
  readonly [kind]: `Exception.OSError.TimeoutError${string}`
}
export const TimeoutError = special<TimeoutError>("TimeoutError", OSError, { errnos: [110], codes: ["ETIMEDOUT"] })

/** A problem with a connection. */
export interface ConnectionError extends OSError {
  readonly [kind]: `Exception.OSError.ConnectionError${string}`
}
export const ConnectionError = special<ConnectionError>("ConnectionError", OSError, {
  errnos: [],
  codes: ["ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ESHUTDOWN"]
})

/** The other end closed the connection. */
export interface ConnectionResetError extends ConnectionError {
  readonly [kind]: `Exception.OSError.ConnectionError.Reset${string}`
}
export const ConnectionResetError = special<ConnectionResetError>("ConnectionResetError", ConnectionError, {
  errnos: [104],
  codes: ["ECONNRESET"]
})

/** Nobody listens there. */
export interface ConnectionRefusedError extends ConnectionError {
  readonly [kind]: `Exception.OSError.ConnectionError.Refused${string}`
}
export const ConnectionRefusedError = special<ConnectionRefusedError>("ConnectionRefusedError", ConnectionError, {
  errnos: [111],
  codes: ["ECONNREFUSED"]
})

/** The other end gave the connection up. */
export interface ConnectionAbortedError extends ConnectionError {
  readonly [kind]: `Exception.OSError.ConnectionError.Aborted${string}`
}
export const ConnectionAbortedError = special<ConnectionAbortedError>("ConnectionAbortedError", ConnectionError, {
  errnos: [103],
  codes: ["ECONNABORTED"]
})

/** Writing where the reading end is closed. */
export interface BrokenPipeError extends ConnectionError {
  readonly [kind]: `Exception.OSError.ConnectionError.BrokenPipe${string}`
}
export const BrokenPipeError = special<BrokenPipeError>("BrokenPipeError", ConnectionError, {
  errnos: [32, 108],
  codes: ["EPIPE", "ESHUTDOWN"]
})

/** A file or folder that is not there. */
export interface FileNotFoundError extends OSError {
  readonly [kind]: `Exception.OSError.FileNotFound${string}`
}
export const FileNotFoundError = special<FileNotFoundError>("FileNotFoundError", OSError, {
  errnos: [2],
  codes: ["ENOENT"]
})

/** A file or folder that is there already. */
export interface FileExistsError extends OSError {
  readonly [kind]: `Exception.OSError.FileExists${string}`
}
export const FileExistsError = special<FileExistsError>("FileExistsError", OSError, { errnos: [17], codes: ["EEXIST"] })

/** A process that is not there. */
export interface ProcessLookupError extends OSError {
  readonly [kind]: `Exception.OSError.ProcessLookup${string}`
}
export const ProcessLookupError = special<ProcessLookupError>("ProcessLookupError", OSError, {
  errnos: [3],
  codes: ["ESRCH"]
})

/** A system call broken off by a signal. */
export interface InterruptedError extends OSError {
  readonly [kind]: `Exception.OSError.Interrupted${string}`
}
export const InterruptedError = special<InterruptedError>("InterruptedError", OSError, {
  errnos: [4],
  codes: ["EINTR"]
})

/** Not enough rights. */
export interface PermissionError extends OSError {
  readonly [kind]: `Exception.OSError.Permission${string}`
}
export const PermissionError = special<PermissionError>("PermissionError", OSError, {
  errnos: [1, 13],
  codes: ["EPERM", "EACCES"]
})

/** An operation that would have to wait, on something that must not. */
export interface BlockingIOError extends OSError {
  readonly [kind]: `Exception.OSError.BlockingIO${string}`
}
export const BlockingIOError = special<BlockingIOError>("BlockingIOError", OSError, {
  errnos: [11, 114, 115],
  codes: ["EAGAIN", "EALREADY", "EINPROGRESS"]
})
