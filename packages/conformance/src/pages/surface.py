"""Prints the surface of Python modules as JSON: names, kinds, parameters, members of classes."""

import importlib
import inspect
import json

# Special methods that users call or that the language calls for them.
PROTOCOL = ["__aenter__", "__aexit__", "__enter__", "__exit__", "__aiter__", "__anext__"]


def parameters(callable_):
    try:
        signature = inspect.signature(callable_)
    except (TypeError, ValueError):
        return None
    return [
        {"name": each.name, "kind": each.kind.name, "required": each.default is inspect.Parameter.empty}
        for each in signature.parameters.values()
    ]


def members(class_):
    found = {}
    for name in dir(class_):
        if name.startswith("_") and name not in PROTOCOL:
            continue
        static = inspect.getattr_static(class_, name)
        # What every object, exception or tuple has is no part of asyncio's surface.
        owner = next(each for each in class_.__mro__ if name in vars(each))
        if owner.__module__ == "builtins" or name == "__class_getitem__":
            continue
        if callable(getattr(class_, name)):
            given = parameters(static if not isinstance(static, (staticmethod, classmethod)) else static.__func__)
            found[name] = {"kind": "method", "parameters": None if given is None else given[1:]}
        else:
            found[name] = {"kind": "attribute", "parameters": None}
    return found


def entry(value):
    if isinstance(value, type):
        # The loop of this interpreter is one of virtual time, made from asyncio's.
        value = next(each for each in value.__mro__ if not each.__module__.startswith("skein_oracle"))
        exception = issubclass(value, BaseException)
        return {
            "kind": "exception" if exception else "class",
            "parameters": parameters(value),
            "members": members(value),
        }
    if callable(value):
        return {"kind": "function", "parameters": parameters(value), "members": {}}
    return {"kind": "constant", "parameters": None, "members": {}}


def surface(module):
    module = importlib.import_module(module)
    return {name: entry(getattr(module, name)) for name in sorted(module.__all__)}


print(json.dumps({name: surface(name) for name in MODULES}))
