"""setWebhook and its siblings: the bot is told of updates instead of asking for them."""

import re

from playground.params import Params
from playground.telegram import Json, bad_request
from playground.world import World

_SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)


async def set_webhook(world: World, params: Params) -> bool:
    """Updates are posted from now on. http:// is taken, as by a Bot API server of one's own."""
    url, secret = params.text("url"), params.text("secret_token")
    if url and not re.match(r"https?://[^/\s]+", url):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    allowed = params.json("allowed_updates", "allowed_updates")
    if isinstance(allowed, list):
        world.state.set("allowed_updates", " ".join(str(kind) for kind in allowed))
    await world.courier.stop()
    world.state.set("webhook", url)
    world.state.set("webhook_secret", secret)
    if params.yes("drop_pending_updates"):
        world.confirm(2**62)
    world.courier.start()
    return True


async def delete_webhook(world: World, params: Params) -> bool:
    """The bot asks for updates from now on; waiting ones can be dropped."""
    await world.courier.stop()
    world.state.set("webhook", "")
    if params.yes("drop_pending_updates"):
        world.confirm(2**62)
    return True


async def get_webhook_info(world: World, _: Params) -> Json:
    """The address, how many updates wait, and how the last delivery failed."""
    known: Json = {"url": world.courier.url, "has_custom_certificate": False}
    known["pending_update_count"] = world.state.pending()[0]
    return known | (world.courier.failure if world.courier.url else {})


METHODS = {"setWebhook": set_webhook, "deleteWebhook": delete_webhook, "getWebhookInfo": get_webhook_info}
