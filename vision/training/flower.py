"""Flower (flwr) carries heads between shops: a server that holds no photo, and shops that answer each round.

TLS always: the server makes its certificate once, and each shop is given ``ca.pem``. Flower's telemetry is off. Its
functions ``start_server`` and ``start_client`` are called: they need one process each and no installed app.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vision.training import federated
from vision.training.federated import RoundError, Update
from vision.training.heads import Weights

log = logging.getLogger(__name__)
CA, CERTIFICATE, KEY = "ca.pem", "server.pem", "server.key"
DAYS = 365


@dataclass(frozen=True)
class Terms:
    """What all shops of a federation share."""

    names: tuple[str, ...]  # labels, the checkpoint's own first
    channels: int
    base: str  # short hash of the checkpoint's weights
    rounds: int = federated.ROUNDS
    shops: int = federated.FEWEST  # that the first round waits for
    seconds: float = 120  # that a round waits for a shop; then it is left out


@dataclass
class Round:
    """What the server holds: the newest head, and what was said of shops."""

    weights: Weights
    said: list[str] = field(default_factory=list)


class Averaging:
    """Flower's order of rounds, our mean (federated.py): mixed into its FedAvg."""

    def __init__(self, terms: Terms, **options: Any) -> None:
        self.terms = terms
        self.round = Round(Weights.zeros(len(terms.names), terms.channels))
        own = {
            "min_fit_clients": terms.shops,
            "min_available_clients": terms.shops,
            "min_evaluate_clients": 1,
            "initial_parameters": sent(self.round.weights),
            "on_fit_config_fn": self._config,
            "on_evaluate_config_fn": self._config,
        }
        super().__init__(**{**own, **options})

    def _config(self, _: int) -> dict[str, Any]:
        return {"names": json.dumps(self.terms.names), "base": self.terms.base, "rounds": self.terms.rounds}

    def aggregate_fit(
        self, server_round: int, results: Sequence[tuple[Any, Any]], failures: Sequence[Any]
    ) -> tuple[Any, dict[str, Any]]:
        """``results``: Flower's pairs of a client and its FitRes; ``failures``: who vanished, or raised."""
        # The first round waited for all. Flower would wait a day for who has gone since.
        self.min_fit_clients = self.min_available_clients = federated.FEWEST
        said = [f"a shop is left out of this round: {type(failure).__name__}" for failure in failures]
        updates = {}
        for at, (_, result) in enumerate(results, 1):
            found = read(flower().common.parameters_to_ndarrays(result.parameters), result.num_examples)
            updates[str(result.metrics.get("shop") or f"shop {at}")] = found
        try:
            self.round.weights, more = federated.averaged(self.round.weights, updates)
        except RoundError as error:  # the head stays as it was; the next round may go better
            more = [str(error)]
        for line in [*said, *more]:
            log.warning("round %d: %s", server_round, line)
        self.round.said += [*said, *more]
        return sent(self.round.weights), {"shops": len(updates)}


Learn = Callable[[dict[str, Any], Weights], Update]
Done = Callable[[dict[str, Any], Weights], float]


class Shop:
    """Mixed into Flower's NumPyClient. ``learn``: one round. ``done``: what the newest head is worth here, 0..1; it is
    called after each round.
    """

    def __init__(self, name: str, learn: Learn, done: Done) -> None:
        self.name, self.learn, self.done = name, learn, done

    def fit(self, parameters: list[Any], config: dict[str, Any]) -> tuple[list[Any], int, dict[str, Any]]:
        update = self.learn(config, read(parameters, 1).weights)
        return arrays(update.weights), update.pictures, {"shop": self.name}

    def evaluate(self, parameters: list[Any], config: dict[str, Any]) -> tuple[float, int, dict[str, Any]]:
        right = self.done(config, read(parameters, 1).weights)
        return 1 - right, 1, {}


def flower() -> Any:
    """The library, without its telemetry: it would tell its makers of every start."""
    import flwr
    import flwr.client
    import flwr.common
    import flwr.server
    from flwr.supercore import telemetry

    assert hasattr(telemetry, "FLWR_TELEMETRY_ENABLED"), "this Flower is switched off in another way"
    telemetry.FLWR_TELEMETRY_ENABLED = "0"
    return flwr


def sent(weights: Weights) -> Any:
    return flower().common.ndarrays_to_parameters(arrays(weights))


def arrays(weights: Weights) -> list[Any]:
    return [weights.labels.astype(np.float32), weights.gate.astype(np.float32)]


def read(found: Sequence[Any], pictures: int) -> Update:
    """What came; whatever it is, federated.averaged judges it."""
    try:
        labels, gate = (np.asarray(part, np.float64) for part in found)
    except (TypeError, ValueError):  # another number of arrays, or no numbers: a shape that fits nowhere
        labels, gate = np.zeros((0, 0)), np.zeros(0)
    return Update(Weights(labels, gate), pictures)


def serve(address: str, certificates: Path, terms: Terms) -> Round:
    """Blocks until the last round is over. ``address``: host:port to listen at."""
    flwr = flower()
    strategy = type("Strategy", (Averaging, flwr.server.strategy.FedAvg), {})(terms)
    host = address.rsplit(":", 1)[0]
    pem = [path.read_bytes() for path in certificate(certificates, host)]
    flwr.server.start_server(
        server_address=address,
        config=flwr.server.ServerConfig(num_rounds=terms.rounds, round_timeout=terms.seconds),
        strategy=strategy,
        certificates=(pem[0], pem[1], pem[2]),
    )
    over: Round = strategy.round
    return over


def join(address: str, ca: Path, shop: Shop) -> None:
    """Blocks until the server ends. Raises OSError where it cannot be reached."""
    flwr = flower()
    client = type("Client", (Shop, flwr.client.NumPyClient), {})(shop.name, shop.learn, shop.done)
    flwr.client.start_client(
        server_address=address, client=client.to_client(), root_certificates=ca.read_bytes(), max_retries=5
    )


def certificate(folder: Path, host: str) -> tuple[Path, Path, Path]:
    """The files of a certificate that signs itself, made where there is none: for shops, for the server, its key."""
    files = folder / CA, folder / CERTIFICATE, folder / KEY
    if not all(file.is_file() for file in files):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        made = _signed(key, host).public_bytes(serialization.Encoding.PEM)
        files[0].write_bytes(made)
        files[1].write_bytes(made)
        files[2].touch(mode=0o600)
        files[2].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    return files


def _signed(key: ec.EllipticCurvePrivateKey, host: str) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Photodesk federation")])
    try:
        named: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        named = x509.DNSName(host)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
