"""Who may talk to the playground: programs on this machine, and its own page. No other page in the same browser may,
and no name of somebody else's that happens to point here (DNS rebinding)."""

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

_HOSTS = ("127.0.0.1", "localhost")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses strangers before anything is read."""
    reason = _refusal(request)
    if reason:
        return web.Response(status=403, text=reason)
    return await handler(request)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Every answer, also an event stream: nothing is sniffed, framed or loaded from elsewhere."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


def _refusal(request: web.Request) -> str:
    host, _, port = request.host.partition(":")
    if host not in _HOSTS or (port and not port.isdigit()):
        return "This playground answers to 127.0.0.1 and localhost only.\n"
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin != f"http://{request.host}":
        return "Another site's page may not use this playground.\n"
    # Requests without Origin (images, scripts, links) still say where they come from. Another port of this machine is
    # "same-site", and no friend either. A link to the page itself is fine.
    site = request.headers.get("Sec-Fetch-Site", "none")
    followed_link = request.path == "/" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if site not in ("none", "same-origin") and not followed_link:
        return "Another site's page may not use this playground.\n"
    return ""
