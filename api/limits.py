"""How much one caller may ask for in a minute, counted in points.

Each route has its price (`api.access`), so that an export does not count like reading one dataset. A token, a signed-in
account and an address have a budget each: who uses up theirs takes nothing from anybody else's. The window slides by
the estimate of `limits`' sliding window counter.
"""

import ipaddress
import math
import time

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from api.config import Settings
from api.identity import caller
from api.problems import ProblemException

GUESSES = 60
"""Tokens that are none which one address may show in a minute; each of them costs a look into the store."""
_AWAY_SECONDS = 10
_STORE_SECONDS = 0.5
_NETWORK_BITS = 64

log = structlog.get_logger(__name__)


class Limits:
    """What callers have used up.

    Where the store of the counts is away, each process counts for itself until it is back.

    Args:
        settings: the budgets and where the counts are kept.
    """

    def __init__(self, settings: Settings) -> None:
        self._anonymous = _budget(settings.limit_anonymous)
        self._account = _budget(settings.limit_account)
        self._guesses = _budget(GUESSES if settings.limit_anonymous else 0)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = self._own
        if settings.limits_url is not None:
            storage = storage_from_string(
                settings.limits_url,
                wrap_exceptions=True,
                socket_connect_timeout=_STORE_SECONDS,
                socket_timeout=_STORE_SECONDS,
            )
            self._shared = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    def spend(self, points: int, account: str | None, address: str) -> float | None:
        """Take points from a budget; None, or after how many seconds there is enough again."""
        budget = self._anonymous if account is None else self._account
        return self._take(budget, account or f"address/{address}", points)

    def count_guess(self, address: str) -> None:
        """Note that an address showed a token that is none."""
        self._take(self._guesses, f"guess/{address}", 1)

    def too_many_guesses(self, address: str) -> float | None:
        """None, or after how many seconds an address may show a token again."""
        return self._take(self._guesses, f"guess/{address}", 0)

    def _take(self, budget: RateLimitItem | None, key: str, points: int) -> float | None:
        if budget is None:
            return None
        if self._shared is self._own or time.monotonic() < self._away_until:
            return _taken(self._own, budget, key, points)
        try:
            return _taken(self._shared, budget, key, points)
        except StorageError as error:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            log.warning("limits_store_away", error=type(error.storage_error).__name__)
            return _taken(self._own, budget, key, points)


def _budget(points: int) -> RateLimitItem | None:
    return RateLimitItemPerMinute(points, namespace="tagger") if points else None


def _taken(
    counter: SlidingWindowCounterRateLimiter, budget: RateLimitItem, key: str, points: int
) -> float | None:
    # What costs more than there ever is may still be asked for once a minute.
    cost = min(points, budget.amount)
    granted = counter.hit(budget, key, cost=cost) if cost else counter.test(budget, key)
    if granted:
        return None
    return max(1.0, counter.get_window_stats(budget, key).reset_time - time.time())


def register(app: Flask, settings: Settings) -> None:
    """Give an application its counts."""
    app.extensions["limits"] = Limits(settings)


def spend(points: int) -> None:
    """Take points from the budget of who sends the present request.

    Raises:
        ProblemException: 429, there are not enough left in this minute.
    """
    _refuse(_limits().spend(points, caller(), _address()))


def refuse_guessing() -> None:
    """Look nothing up for an address that showed too many tokens that are none.

    Raises:
        ProblemException: 429.
    """
    if request.authorization is not None:
        _refuse(_limits().too_many_guesses(_address()))


def count_guess() -> None:
    """Note that the present request showed a token that is none."""
    _limits().count_guess(_address())


def _refuse(seconds: float | None) -> None:
    if seconds is not None:
        raise ProblemException("too-many-requests", headers={"Retry-After": str(math.ceil(seconds))})


def _limits() -> Limits:
    found: Limits = current_app.extensions["limits"]
    return found


def _address() -> str:
    """The caller's address; of IPv6 the network, since one caller has all addresses of it."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))
