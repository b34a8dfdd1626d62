"""aiogram's types, each built when it is first used: 100 MB and two seconds of CPU less at the start.

aiogram says ``defer_build`` of its 300 types, and then lets pydantic build all of them in a loop at the end of its
import. Here that loop only passes by, and pydantic finds the names that the loop would have given it when a type is
first used. Without this aiogram is as it always is, and so is everything that it does.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import BaseModel


def import_aiogram() -> None:
    """Before anything else imports it; afterwards this does nothing."""
    if "aiogram" in sys.modules:
        return
    at_once = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(lambda _, **__: None)  # type: ignore[method-assign, assignment]
    try:
        from aiogram import methods, types  # noqa: PLC0415
        from aiogram.client.default import Default  # noqa: PLC0415
    finally:
        BaseModel.model_rebuild = at_once  # type: ignore[method-assign]
    names = vars(types) | {"Default": Default}

    def on_demand(cls: type[BaseModel], /, *, force: bool = False, raise_errors: bool = True, **_: Any) -> bool | None:
        return at_once.__get__(None, cls)(force=force, raise_errors=raise_errors, _types_namespace=names)  # type: ignore[no-any-return]

    for kind in (types.TelegramObject, methods.TelegramMethod, methods.Response):
        kind.model_rebuild = classmethod(on_demand)  # type: ignore[method-assign, assignment]
