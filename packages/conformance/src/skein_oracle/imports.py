"""A fresh asyncio for each program: task numbers, hooks and module state start anew."""

import gc
import importlib.util
import os
import sys


def belongs(name):
    return name in ("asyncio", "_asyncio", "unittest.async_case") or name.startswith("asyncio.")


class CompiledModules:
    """An import hook that keeps asyncio's code objects.

    An interpreter that reads its library from a zip file compiles each import again, a quarter of a second for
    asyncio; from the kept code an import costs some 20 ms.
    """

    def __init__(self):
        import asyncio  # noqa: F401
        import unittest.async_case  # noqa: F401

        self._modules = {}
        for name, module in list(sys.modules.items()):
            loader = getattr(module, "__loader__", None)
            if not belongs(name) or not hasattr(loader, "get_code"):
                continue
            code = loader.get_code(name)
            if code is not None:
                self._modules[name] = (code, module.__file__, hasattr(module, "__path__"))

    def install(self):
        sys.meta_path.insert(0, self)

    def find_spec(self, name, path=None, target=None):
        if name not in self._modules:
            return None
        _, origin, is_package = self._modules[name]
        return importlib.util.spec_from_loader(name, self, origin=origin, is_package=is_package)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self._modules[module.__name__][0], module.__dict__)


def import_asyncio_anew():
    for name in [name for name in sys.modules if belongs(name)]:
        del sys.modules[name]
    # When the old C module dies it unsets the thread's running loop: let that happen before the program starts.
    gc.collect()
    # asyncio registers a hook for fork at import, and the list of hooks would keep every copy alive.
    register = getattr(os, "register_at_fork", None)
    if register is not None:
        os.register_at_fork = lambda **hooks: None
    try:
        import asyncio
    finally:
        if register is not None:
            os.register_at_fork = register
    return asyncio
