import type { EventLoop } from "./base_events.ts"
export function* shutdownAsyncGenerators(_loop: EventLoop): Generator<unknown, void, unknown> {}
