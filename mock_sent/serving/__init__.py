"""An app on sockets: the server, the app's start and end, garbage collection."""
