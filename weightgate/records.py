"""Frozen dataclasses that are quick to define.

A gate is started anew for every deployment. Half of what it took to start went into frozen dataclasses: for each of some
seventy, the standard library compiles six methods. A record behaves the same with five of them shared and a constructor
that is not compiled, and takes a tenth of the time to define.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make a frozen dataclass, as ``@dataclass(frozen=True)`` does.

    Fields are compared, hashed and shown; one declared with ``field(compare=False)`` is neither compared nor hashed, and
    one with ``field(repr=False)`` is not shown. ``dataclasses.replace`` and ``fields`` work. A method that the class
    defines itself stays.
    """
    own = set(vars(cls))
    made: Any = dataclass(init=False, eq=False, repr=False)(cls)
    every = fields(made)
    made._compared = tuple([f.name for f in every if f.compare])  # noqa: SLF001
    made._shown = tuple([f.name for f in every if f.repr])  # noqa: SLF001
    if "__init__" not in own:
        made.__init__ = _constructor(made, every)
    for name in _SHARED:
        if name not in own:
            setattr(made, name, vars(_Record)[name])
    result: type[T] = made
    return result


def _constructor(cls: Any, every: tuple[Field[Any], ...]) -> Callable[..., None]:
    """A constructor that takes the fields in order or by name, as a dataclass's does."""
    names = tuple([f.name for f in every])
    count = len(names)
    defaults = {f.name: f.default for f in every if f.default is not MISSING}
    last = tuple(defaults.values()) if names[count - len(defaults) :] == tuple(defaults) else ()

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807 - it becomes the class's own
        missing = count - len(given)
        if named or missing:
            if named or not 0 < missing <= len(last):
                self.__dict__.update(_filled(cls, every, given, named))
                return
            given += last[-missing:]
        values = self.__dict__
        for name, value in zip(names, given):  # noqa: B905 - as many, and saying so costs a tenth
            values[name] = value

    return __init__


def _filled(
    cls: type, every: tuple[Field[Any], ...], given: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """The value of each field, in order: what is given, else what is named, else its default.

    Raises:
        TypeError: A field is given twice or not at all, or there is no such field.
    """
    if len(given) > len(every):
        raise TypeError(f"{cls.__qualname__}() takes {len(every)} arguments, {len(given)} were given")
    values = {f.name: value for f, value in zip(every, given, strict=False)}
    for f in every[len(given) :]:
        if f.name in named:
            values[f.name] = named.pop(f.name)
        elif f.default is not MISSING:
            values[f.name] = f.default
        elif f.default_factory is not MISSING:
            values[f.name] = f.default_factory()
        else:
            raise TypeError(f"{cls.__qualname__}() is missing the argument {f.name!r}")
    if named:
        raise TypeError(f"{cls.__qualname__}() got an unexpected argument {next(iter(named))!r}")
    return values


class _Record:
    """The methods that all records share."""

    _compared: tuple[str, ...]
    _shown: tuple[str, ...]

    def __setattr__(self, name: str, value: object) -> None:
        # A constructor of the class's own sets each field once; nothing is set after that.
        if name in self.__dict__ or name not in self.__dataclass_fields__:  # type: ignore[attr-defined]
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        mine, theirs = self.__dict__, other.__dict__
        return all(mine[name] == theirs[name] for name in self._compared)

    def __hash__(self) -> int:
        values = self.__dict__
        return hash(tuple([values[name] for name in self._compared]))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self._shown)
        return f"{type(self).__qualname__}({shown})"


_SHARED = ("__setattr__", "__delattr__", "__eq__", "__hash__", "__repr__")
