"""A recorded flight as one HTML file: the descent in 3-D with a time slider and its time lines.

`page_html` makes the file; it opens from the disk and loads nothing else. `content.py` is what it
shows, `places.py`, `ground.py` and `shape.py` are where the lander, the ground and the lander's
surfaces are; the scripts in ``assets`` draw it with plotly.js, which the file contains.
"""

from lunar_env.page.document import check_page, page_html

__all__ = ["check_page", "page_html"]
