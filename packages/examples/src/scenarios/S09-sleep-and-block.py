"""A blocking call stops everybody. Debug mode names the culprit and says how long it took."""

import asyncio
import logging
import re
import time


class ShortForm(logging.Handler):
    """Prints who blocked the loop, without the file names."""

    def emit(self, record):
        found = re.search(r"name='([^']+)'.* took (\d+\.\d+) seconds", record.getMessage())
        if found:
            print(f"debug mode: {found[1]} blocked the loop for {found[2]} s")


async def heartbeat():
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for _ in range(3):
        await asyncio.sleep(1)
        print(f"  heartbeat at {loop.time() - begin:.1f} s")


async def good_manners():
    await asyncio.sleep(2.5)
    print("  slept")


async def bad_manners():
    time.sleep(2.5)
    print("  blocked")


async def main():
    print("sleeping for 2.5 s:")
    await asyncio.gather(heartbeat(), good_manners())
    print("blocking for 2.5 s:")
    beat = asyncio.create_task(heartbeat(), name="heartbeat")
    bad = asyncio.create_task(bad_manners(), name="bad manners")
    await asyncio.gather(beat, bad)


logging.getLogger("asyncio").addHandler(ShortForm())
asyncio.run(main(), debug=True)
