import nh3

# What the description's help text promises, and headings; no pictures, styles or scripts.
_TAGS = {
    "a", "b", "blockquote", "br", "em", "h2", "h3", "h4", "i", "li", "ol", "p", "strong", "sub",
    "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip


def clean_html(html: str) -> str:
    """Keep an allow-list of tags and only links to the web and to mail addresses."""
    return nh3.clean(
        html.replace("\r\n", "\n").strip(),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
        clean_content_tags={"script", "style"},
    ).strip()
