"""What the tests of real clients share: the server under test, its log on disk, records as lines, the clients."""
