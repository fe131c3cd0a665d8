import * as asyncio from "@skein/asyncio"
import * as Context from "effect/Context"

/** A service for the type tests. */
export class Db extends Context.Service<Db, { readonly find: (id: number) => string }>()("test/Db") {}

/** Another one. */
export class Mail extends Context.Service<Mail, { readonly send: (text: string) => void }>()("test/Mail") {}

/** An implementation of {@link Db}. */
export const db: Db["Service"] = { find: (id) => `row ${id}` }

/** An implementation of {@link Mail}. */
export const mail: Mail["Service"] = { send: () => undefined }

/** A coroutine that asks for {@link Db}. */
export const find = asyncio.coroutine(function* find(id: number) {
  const { find } = yield* Db
  yield* asyncio.sleep(1)
  return find(id)
})

/** A coroutine that asks for {@link Mail}. */
export const notify = asyncio.coroutine(function* notify(text: string) {
  const { send } = yield* Mail
  send(text)
  return text.length
})

/** Runs a program on virtual time. */
export const run = <T extends asyncio.Awaitable<unknown>>(main: T): Promise<asyncio.ResultOf<T>> =>
  asyncio.run(main, { loop_factory: asyncio.VirtualEventLoop })
