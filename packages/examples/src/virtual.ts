import * as asyncio from "@skein/asyncio"

/**
 * Options for `asyncio.run`: a loop whose clock jumps to the next timer when nothing is ready, so that a program that
 * sleeps for minutes ends at once, and in the same order every time.
 */
export const virtual: asyncio.RunOptions = { loop_factory: asyncio.VirtualEventLoop }
