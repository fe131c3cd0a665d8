"""Runs asyncio programs on this CPython and reports, as plain data, what they did.

The same package serves two hosts: a native interpreter that is started as a process (`serve`) and an interpreter
inside Node (WebAssembly), where `program.answer` is called directly. Python 3.13 and 3.14.
"""
