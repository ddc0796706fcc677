"""Description and addresses of the package, from README.md and the address of the repository.

A package index shows README.md away from its folder, where relative links lead nowhere.
"""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

CODE_BLOCK = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s]+)\)")
WITHOUT_LINKS = "\nFiles that are named here are in the source distribution.\n"


class Metadata(MetadataHookInterface):
    """What pyproject.toml declares as dynamic."""

    def update(self, metadata):
        """Set `readme` and `urls`, which are none while the repository's address is unknown."""
        repository = self.config["repository"].rstrip("/")
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": description(text, repository),
        }
        metadata["urls"] = urls(repository) if repository else {}


def description(text, repository):
    """Return Markdown without relative links.

    Parameters
    ----------
    text : str
        Markdown with links relative to the root of the repository.
    repository : str
        Address of the repository. If empty, pictures are left out and links become the names of
        files.
    """

    def replace(link):
        picture, words, path = link.groups()
        if repository:
            return f"{picture}[{words}]({repository}/{'raw' if picture else 'blob'}/HEAD/{path})"
        if picture:
            return ""
        return words if words == path else f"{words} (`{path}`)"

    pieces = CODE_BLOCK.split(text)
    pieces[::2] = [LINK.sub(replace, prose) for prose in pieces[::2]]
    whole = re.sub(r"\n{3,}", "\n\n", "".join(pieces))
    return whole if repository else whole + WITHOUT_LINKS


def urls(repository):
    """Return the addresses that a package index shows."""
    return {
        "Homepage": repository,
        "Documentation": f"{repository}/tree/HEAD/docs",
        "Source": repository,
        "Issues": f"{repository}/issues",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
    }
