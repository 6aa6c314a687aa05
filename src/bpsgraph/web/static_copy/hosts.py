"""What hosts of files are told: media types, redirects from things to their documents, and w3id.org."""

from bpsgraph.formats import FORMATS, RDF_FORMATS

_TYPES = {
    **{suffix: FORMATS[name].media_type for name in RDF_FORMATS for suffix in FORMATS[name].suffixes[:1]},
    ".json": "application/ld+json",
    ".atom": "application/atom+xml",
    ".gz": "application/gzip",
}
# The preferred one last: rules are tried in order, and HTML is what remains.
_NEGOTIATED = ("turtle", "jsonld", "ntriples", "rdfxml")


def files(public_url: str | None) -> dict[str, str]:
    """The files for hosts by name; rules for w3id.org only where it is known where they are to lead."""
    found = {
        ".htaccess": _apache(),
        ".nojekyll": "",
        "_redirects": "/id/* /doc/:splat 302\n",
        "_headers": "".join(
            f"/*{suffix}\n  Content-Type: {type}\n  Access-Control-Allow-Origin: *\n"
            for suffix, type in _TYPES.items()
        ),
        "redirects/nginx.conf": _nginx(),
    }
    if public_url is not None:
        found["redirects/w3id.htaccess"] = _w3id(public_url.rstrip("/"))
    return found


def _apache() -> str:
    types = "".join(f"AddType {type} {suffix}\n" for suffix, type in _TYPES.items())
    rules = "".join(
        f"RewriteCond %{{HTTP_ACCEPT}} {_pattern(name)}\n"
        f"RewriteCond %{{REQUEST_FILENAME}}{FORMATS[name].suffixes[0]} -f\n"
        f"RewriteRule ^(.+?)/?$ /$1{FORMATS[name].suffixes[0]} [L]\n"
        for name in _NEGOTIATED
    )
    return (
        "Options -Indexes -MultiViews\n"
        "ErrorDocument 404 /404.html\n"
        f"{types}"
        '<Files "void">\n  ForceType text/turtle\n</Files>\n'
        "<IfModule mod_headers.c>\n"
        '  Header set Access-Control-Allow-Origin "*"\n'
        "  Header append Vary Accept\n"
        "</IfModule>\n"
        "RewriteEngine On\n"
        "RewriteRule ^id/(.+)$ /doc/$1 [R=303,L]\n"
        "RewriteCond %{HTTP_ACCEPT} text/html\n"
        "RewriteRule ^ - [L]\n"
        f"{rules}"
    )


def _nginx() -> str:
    types = "".join(f"    {type} {suffix[1:]};\n" for suffix, type in _TYPES.items())
    return (
        "# To be included in the server block whose root is this folder.\n"
        "error_page 404 /404.html;\n"
        "index index.html;\n"
        "location ~ ^/id/(.+)$ { return 303 /doc/$1; }\n"
        "location = /.well-known/void { default_type text/turtle; }\n"
        f"include mime.types;\ntypes {{\n{types}}}\n"
    )


def _w3id(address: str) -> str:
    """For https://github.com/perma-id/w3id.org, as `bps/.htaccess`."""
    rules = "".join(
        f"RewriteCond %{{HTTP_ACCEPT}} !text/html\n"
        f"RewriteCond %{{HTTP_ACCEPT}} {_pattern(name)}\n"
        f"RewriteRule ^id/(.+)$ {address}/doc/$1{FORMATS[name].suffixes[0]} [R=303,NE,L]\n"
        for name in _NEGOTIATED
    )
    return (
        "Options -MultiViews\n"
        "RewriteEngine on\n"
        f"{rules}"
        f"RewriteRule ^id/(.+)$ {address}/doc/$1 [R=303,NE,L]\n"
        f"RewriteRule ^(.*)$ {address}/$1 [R=302,NE,L]\n"
    )


def _pattern(name: str) -> str:
    return FORMATS[name].media_type.replace("+", r"\+").replace(".", r"\.")
