"""Making keys: permanent pairs, and temporary ones as the token service issues them."""

from random import Random

from mockserver.state.models import Key

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def new_key(random: Random) -> Key:
    """Return a fresh permanent key pair."""
    return Key(secret_id=f"AKID{_text(random, 32)}", secret_key=_text(random, 32))


def temporary_key(parent: Key, *, expires: float, random: Random) -> Key:
    """Return a key with a token, with the rights of `parent`, valid until `expires`."""
    fresh = new_key(random)
    return parent.model_copy(
        update={
            "secret_id": fresh.secret_id,
            "secret_key": fresh.secret_key,
            "token": _text(random, 64),
            "expires": expires,
            "issued_by": parent.issued_by or parent.secret_id,
        }
    )


def _text(random: Random, length: int) -> str:
    return "".join(random.choices(_LETTERS, k=length))
