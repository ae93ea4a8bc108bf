"""The sealer of this installation, as the settings name it."""

from __future__ import annotations

from django.conf import settings

from propylon.sealing.seal import Sealer, file_sealer


def sealer() -> Sealer:
    """Seal and unseal with the installation's key (`PROPYLON_HOME/keys/sealing.key`)."""
    return file_sealer(settings.PROPYLON_HOME.sealing_key)
