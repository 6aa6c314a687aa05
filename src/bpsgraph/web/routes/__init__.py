"""The routes of the site, one module per family; `app` lists the families."""
