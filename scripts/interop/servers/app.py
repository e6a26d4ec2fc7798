"""A WSGI application for gunicorn, whose one worker reads from a connection until the client has said something."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return []
