"""What this package brings to the command lines: presets, registered with `lunar_env.pilots`."""

from __future__ import annotations

from lunar_env.pilots import register
from training.config_file import list_presets, load_preset

__all__: list[str] = []


class _Presets:
    """The presets of ``train``; implements `lunar_env.pilots.Source`."""

    def names(self) -> dict[str, str]:
        """Return every preset with what it trains."""
        told = {}
        for name in list_presets():
            config = load_preset(name)
            told[name] = (
                f"{config.task.mission}, {config.task.scenario}: {config.total_steps:,} steps"
            )
        return told


register("presets", _Presets())
