"""International bank account numbers, ISO 13616, of Sweden: SE, two check digits, bank 3, account 17."""

from __future__ import annotations

_FICTIONAL_BANK = "997"  # no bank has it, so that a number of the sandbox is nobody's


def swedish_iban(account_number: int) -> str:
    """24 characters with valid check digits (ISO 7064, MOD 97-10)."""
    account = f"{_FICTIONAL_BANK}{account_number:017d}"
    return f"SE{98 - int(account + _letters_as_digits('SE00')) % 97:02d}{account}"


def is_valid_iban(iban: str) -> bool:
    """Do the check digits agree?"""
    return int(_letters_as_digits(iban[4:] + iban[:4])) % 97 == 1


def _letters_as_digits(text: str) -> str:
    return "".join(str(int(character, 36)) for character in text)
